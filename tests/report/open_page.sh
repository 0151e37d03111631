#!/bin/sh
# Opens an HTML report in a headless browser and fails on any JavaScript error or missing plot; then
# breaks a copy of the page on purpose and fails if that goes unnoticed.
#   open_page.sh PAGE.html PLOTS
set -eu
page=$1
plots=$2

browser=
for name in chromium chromium-browser google-chrome; do
    if command -v "$name" >/dev/null 2>&1; then
        browser=$name
        break
    fi
done
if [ -z "$browser" ]; then
    echo "skipped: no chromium, chromium-browser or google-chrome here"
    exit 77
fi
if [ ! -s "$page" ]; then
    echo "skipped: $page was not written (Chart.js is not installed)"
    exit 77
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Prints the page's <html ...> tag after its scripts ran. The profile is new each time.
root_tag() {
    "$browser" --headless --no-sandbox --disable-gpu --disable-quic --no-first-run \
        --disable-background-networking --disable-component-update --disable-sync \
        --user-data-dir="$work/profile-$2" --dump-dom "file://$1" 2>"$work/log-$2" |
        grep -o '<html[^>]*>' | head -n 1
}

tag=$(root_tag "$page" real)
echo "page: $tag"
case $tag in
*'data-report="ok"'*"data-charts=\"$plots\""*) ;;
*)
    echo "failed: expected data-report=\"ok\" and data-charts=\"$plots\""
    cat "$work/log-real"
    exit 1
    ;;
esac

sed 's/charts\.push(new Chart(/charts.push(new NoChart(/' "$page" >"$work/broken.html"
tag=$(root_tag "$work/broken.html" broken)
echo "broken copy: $tag"
case $tag in
*'data-report="error'*) ;;
*)
    echo "failed: a page with a broken script is not reported as such"
    exit 1
    ;;
esac
