'use strict';
(() => {
    const data = JSON.parse(document.getElementById('plot-data').textContent);
    const charts = [];

    const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
    const kVariables = {
        'high-alone': '--alone',
        'low-alone': '--low-alone',
        native: '--native',
        'time-slicing': '--native',
        headway: '--headway',
        'stream-priority': '--stream-priority',
    };
    const colour = (scenario) => css(kVariables[scenario] || '--other');
    const kDashes = {'high-alone': [6, 4], 'stream-priority': [2, 3]};
    // Where a benchmark has several workloads, each has a dash of its own.
    const workloads = [...new Set(data.distribution.map((series) => series.workload))];
    const kWorkloadDashes = [[], [8, 4], [2, 3], [8, 3, 2, 3], [14, 4]];
    const dash = (series) => series.workload === '' ?
        kDashes[series.scenario] || [] :
        kWorkloadDashes[workloads.indexOf(series.workload) % kWorkloadDashes.length];
    const kMarks = {
        'high-alone': 'crossRot',
        native: 'triangle',
        'time-slicing': 'triangle',
        headway: 'circle',
        'stream-priority': 'rect',
    };

    // The ticks of a logarithmic axis that covers the values: 1, 2, 5, 10, ... or closer on a short one.
    function logTicks(low, high) {
        const digits = high / low < 12 ? [1, 1.5, 2, 3, 4, 5, 7] : [1, 2, 5];
        const ticks = [];
        for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); ++power) {
            for (const digit of digits) ticks.push(Number((digit * 10 ** power).toPrecision(3)));
        }
        const first = Math.max(0, ticks.findIndex((tick) => tick > low) - 1);
        const above = ticks.findIndex((tick) => tick >= high);
        return ticks.slice(first, Math.max(above, first + 1) + 1);
    }

    function logAxis(values, title) {
        const extent = (pick, start) => values.reduce((a, b) => pick(a, b), start);
        const ticks = logTicks(extent(Math.min, Infinity), extent(Math.max, 0));
        const shown = ticks.length > 14 ? ticks.filter((tick) => /^[0.]*10*$/.test(String(tick))) : ticks;
        return {
            type: 'logarithmic',
            min: ticks[0],
            max: ticks[ticks.length - 1],
            title: {display: true, text: title, color: css('--soft')},
            grid: {color: css('--grid'), borderColor: css('--rule')},
            afterBuildTicks: (axis) => {
                axis.ticks = shown.map((value) => ({value}));
            },
            ticks: {
                color: css('--soft'),
                callback: (value) => value.toLocaleString('en-US'),
                autoSkip: false,
                maxRotation: 0
            },
        };
    }

    function linearAxis(title, more = {}) {
        return {
            type: 'linear',
            title: {display: title !== '', text: title, color: css('--soft')},
            grid: {color: css('--grid'), borderColor: css('--rule')},
            ...more,
            ticks: {color: css('--soft'), maxRotation: 0, ...more.ticks},
        };
    }

    const milliseconds = (value) => value.toLocaleString('en-US', {
        maximumSignificantDigits: value >= 100 ? 21 : 3,
        maximumFractionDigits: value >= 100 ? 0 : undefined
    }) + ' ms';

    function baseOptions(scales, tooltip) {
        return {
            animation: false,
            responsive: true,
            maintainAspectRatio: false,
            parsing: false,
            normalized: true,
            interaction: {mode: 'nearest', intersect: false},
            scales,
            plugins: {
                tooltip: {callbacks: tooltip, displayColors: false},
                legend: {
                    align: 'start',
                    labels: {
                        color: css('--ink'),
                        usePointStyle: true,
                        pointStyleWidth: 34,
                        padding: 18,
                        font: {size: 13},
                        sort: (a, b) => a.datasetIndex - b.datasetIndex,
                        filter: (item, chart) => !chart.datasets[item.datasetIndex].unnamed,
                    },
                },
            },
        };
    }

    // Lines across the plot with a word at their end, for what is not data.
    const guides = {
        id: 'guides',
        beforeDatasetsDraw(chart, unused, options) {
            const {ctx, chartArea: area, scales} = chart;
            ctx.save();
            ctx.strokeStyle = css('--soft');
            ctx.fillStyle = css('--soft');
            ctx.font = '12px ' + css('--font');
            for (const guide of options.lines || []) {
                const across = guide.axis === 'y';
                const at = scales[guide.axis].getPixelForValue(guide.value);
                ctx.setLineDash(guide.strong ? [5, 4] : [1, 3]);
                ctx.lineWidth = guide.strong ? 1.5 : 1;
                ctx.beginPath();
                ctx.moveTo(across ? area.left : at, across ? at : area.top - 6);
                ctx.lineTo(across ? area.right : at, across ? at : area.bottom);
                ctx.stroke();
                ctx.textAlign = across || at > (area.left + area.right) / 2 ? 'right' : 'left';
                if (across)
                    ctx.fillText(guide.text, area.right - 4, at + (guide.below ? 14 : -5));
                else
                    ctx.fillText(guide.text, at, area.top - 12);
            }
            ctx.restore();
        },
    };

    const toPoints = (series) => series.points.map(([x, y]) => ({x, y}));

    // The first drawn point at or above 99 %.
    const p99Of = (series) => series.points.find(([, share]) => share >= 0.99);

    function distribution() {
        const all = data.distribution;
        const lines = all.map((series) => ({
                                  label: series.label,
                                  data: toPoints(series),
                                  stepped: 'before',
                                  pointRadius: 0,
                                  pointStyle: 'line',
                                  clip: 6,
                                  borderColor: colour(series.scenario),
                                  borderWidth: series.scenario === 'headway' ? 3 : 2,
                                  borderDash: dash(series),
                                  order: series.scenario === 'headway' ? 0 : 1,
                              }));
        const dots = all.map((series) => ({
                                 unnamed: true,
                                 label: series.label,
                                 data: [p99Of(series)].map(([x]) => ({x, y: 0.99})),
                                 pointRadius: 5,
                                 pointHoverRadius: 6,
                                 pointBackgroundColor: colour(series.scenario),
                                 pointBorderColor: css('--card'),
                                 pointBorderWidth: 1.5,
                                 clip: 6,
                                 order: -1,
                             }));
        const x = logAxis(all.flatMap((series) => series.points.map((point) => point[0])), 'latency, ms');
        const y = linearAxis('requests', {
            min: 0,
            max: 1,
            ticks: {stepSize: 0.25, callback: (value) => Math.round(value * 100) + ' %'},
        });
        const options = baseOptions({x, y}, {
            title: (items) => items[0].dataset.label,
            label: (item) => (item.parsed.y * 100).toFixed(item.parsed.y > 0.99 ? 2 : 1) +
                ' % took at most ' + milliseconds(item.parsed.x),
        });
        options.plugins.guides = {
            lines: [{axis: 'y', value: 0.99, text: 'P99', below: true}, {axis: 'y', value: 0.5, text: 'P50'}]
        };
        return {type: 'line', data: {datasets: [...dots, ...lines]}, options, plugins: [guides]};
    }

    function time() {
        const datasets = data.time.map((series) => ({
                                           label: series.label,
                                           data: toPoints(series),
                                           pointStyle: kMarks[series.scenario] || 'rectRot',
                                           pointRadius: 2.6,
                                           pointBackgroundColor: colour(series.scenario),
                                           pointBorderColor: colour(series.scenario),
                                           pointBorderWidth: kMarks[series.scenario] === 'crossRot' ? 1 : 0,
                                           order: series.scenario === 'headway' ? 0 : 1,
                                       }));
        const x = linearAxis(data.timeInSeconds ? 'time, s' : 'request');
        x.max = Math.ceil(Math.max(...data.time.map((series) => series.points[series.points.length - 1][0])));
        const y =
            logAxis(data.time.flatMap((series) => series.points.map((point) => point[1])), 'latency, ms');
        const options = baseOptions({x, y}, {
            title: (items) => items[0].dataset.label,
            label: (item) => milliseconds(item.parsed.y) + ' at ' + item.parsed.x.toLocaleString('en-US') +
                (data.timeInSeconds ? ' s' : ''),
        });
        delete options.plugins.legend.labels.pointStyleWidth;
        options.plugins.legend.labels.boxHeight = 8;
        return {type: 'scatter', data: {datasets}, options, plugins: [guides]};
    }

    // The value inside the end of each bar, or behind a short one: a reader should not have to measure
    // with the eye.
    const barTexts = {
        id: 'barTexts',
        afterDatasetsDraw(chart) {
            const {ctx} = chart;
            ctx.save();
            ctx.font = '600 13px ' + css('--font');
            ctx.textBaseline = 'middle';
            chart.getDatasetMeta(0).data.forEach((bar, index) => {
                const inside = bar.x - bar.base > 70;
                ctx.fillStyle = css(inside ? '--card' : '--ink');
                ctx.textAlign = inside ? 'right' : 'left';
                ctx.fillText(data.throughput[index].text, bar.x + (inside ? -10 : 8), bar.y + 1);
            });
            ctx.restore();
        },
    };

    function throughput() {
        const all = data.throughput;
        const values = all.map((bar) => bar.value);
        const top = Math.max(...values, data.bound || 0);
        const options = baseOptions(
            {
                x: linearAxis('iterations/s', {min: 0, suggestedMax: top * 1.1}),
                y: {grid: {display: false}, ticks: {color: css('--ink'), font: {size: 13.5}}},
            },
            {label: (item) => all[item.dataIndex].text + ' iterations/s'});
        options.indexAxis = 'y';
        options.parsing = true;
        options.normalized = false;
        options.layout = {padding: {top: 24}};
        options.plugins.legend = {display: false};
        if (data.bound !== undefined) {
            options.plugins.guides = {
                lines:
                    [{axis: 'x', value: data.bound, strong: true, text: 'exclusive bound ' + data.boundText}]
            };
        }
        const dataset = {
            data: values,
            backgroundColor: all.map((bar) => colour(bar.scenario)),
            barThickness: 26,
            borderRadius: 4
        };
        return {
            type: 'bar',
            data: {labels: all.map((bar) => bar.label), datasets: [dataset]},
            options,
            plugins: [barTexts, guides]
        };
    }

    const kPlots = {distribution, time, throughput};

    function drawAll() {
        while (charts.length > 0) charts.pop().destroy();
        Chart.defaults.font.family = css('--font');
        for (const [name, build] of Object.entries(kPlots)) {
            const section = document.querySelector('[data-plot="' + name + '"]');
            section.hidden = data[name].length === 0;
            if (name === 'throughput') {
                section.querySelector('.plot').style.height =
                    Math.max(220, 88 + 44 * data[name].length) + 'px';
            }
            if (!section.hidden) charts.push(new Chart(section.querySelector('canvas'), build()));
        }
    }

    drawAll();
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', drawAll);
    document.documentElement.dataset.charts = String(charts.length);
    reportState('ok');
})();
