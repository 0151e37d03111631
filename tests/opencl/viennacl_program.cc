// ViennaCL's conjugate gradients on OpenCL: a sparse system whose solution is known.
#ifndef CL_TARGET_OPENCL_VERSION
#define CL_TARGET_OPENCL_VERSION 120
#endif
#define VIENNACL_WITH_OPENCL
#include <cmath>
#include <cstdio>
#include <map>
#include <vector>

#include <viennacl/compressed_matrix.hpp>
#include <viennacl/linalg/cg.hpp>
#include <viennacl/linalg/prod.hpp>
#include <viennacl/vector.hpp>

namespace {

constexpr unsigned kSide = 40;  // of the square on which Poisson's equation is solved
constexpr unsigned kUnknowns = kSide * kSide;

std::vector<std::map<unsigned, double>> poisson() {
    std::vector<std::map<unsigned, double>> rows(kUnknowns);
    for (unsigned i = 0; i < kUnknowns; ++i) {
        rows[i][i] = 4;
        if (i % kSide != 0) rows[i][i - 1] = -1;
        if (i % kSide != kSide - 1) rows[i][i + 1] = -1;
        if (i >= kSide) rows[i][i - kSide] = -1;
        if (i + kSide < kUnknowns) rows[i][i + kSide] = -1;
    }
    return rows;
}

}  // namespace

int main() {
    std::vector<double> wanted(kUnknowns);
    for (unsigned i = 0; i < kUnknowns; ++i)
        wanted[i] = 1 + (i * 37 % 11) * 0.125;
    viennacl::compressed_matrix<double> matrix(kUnknowns, kUnknowns);
    viennacl::copy(poisson(), matrix);
    viennacl::vector<double> solution(kUnknowns);
    viennacl::copy(wanted, solution);
    const viennacl::vector<double> right = viennacl::linalg::prod(matrix, solution);
    const viennacl::linalg::cg_tag solver(1e-10, 300);
    const viennacl::vector<double> found = viennacl::linalg::solve(matrix, right, solver);
    std::vector<double> result(kUnknowns);
    viennacl::copy(found, result);
    double worst = 0;
    double sum = 0;
    for (unsigned i = 0; i < kUnknowns; ++i) {
        worst = std::fmax(worst, std::fabs(result[i] - wanted[i]));
        sum += result[i];
    }
    std::printf(
        "iterations %u worst %.17g sum %.17g\n", static_cast<unsigned>(solver.iters()), worst, sum);
    return worst < 1e-6 ? 0 : 1;
}
