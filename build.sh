#!/usr/bin/env bash
# The one entry to building, testing and trying CnnNative on Linux and macOS; build.ps1 has the same verbs for Windows.
# Each verb sets up what it needs: a missing compiler, CMake or Ninja is installed where that works without a question, and
# otherwise the command to type is printed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
readonly dotnet_version=10.0
# shellcheck source=src/CnnNative.Native/rids.sh
. src/CnnNative.Native/rids.sh
# shellcheck source=src/CnnNative.Native/packages.sh
. src/CnnNative.Native/packages.sh

usage() {
    cat <<'TEXT'
Usage: ./build.sh VERB [ARGUMENTS]

  build       the native library and all .NET projects
  test        all tests: native, native under sanitizers, .NET
  test --rids RID,...
              the native library for other platforms: cross-built, and its tests run under QEMU, Wine or musl's loader where
              the platform can be had so; RID is linux-x64, linux-arm64, linux-musl-x64, linux-musl-arm64, win-x64, win-arm64,
              osx-x64 or osx-arm64
  test --packages
              what ./build.sh pack has made: the same bytes when packed again, consumers in empty folders, also for ARM64 under QEMU
              and for Windows under Wine, the command cnn compiled ahead of time, and the test suite over the packages
  test --all-rids
              everything: test --rids for all platforms, pack, and test --packages
  pack [--rids RID,...]
              the NuGet packages, into artifacts/package/release; without --rids with the native libraries of all platforms
  demo        a CNN's steps on a photograph, and a network that learns digits: pictures go to --out DIR (default: artifacts/demo)
  bench       native against managed operators; arguments go to BenchmarkDotNet, such as --filter '*Conv2d*'
  bench kernels [--quick] [--isa NAME] [--filter TEXT] [--json FILE] [--shapes FILE.csv]
              native kernels against the processor's peak; with --shapes the convolutions of a list
  bench report [--out DIR] [--quick] [--isa NAME] [--filter TEXT] [--shapes FILE.csv]
              the same, and a page and a picture of it in DIR (default: artifacts/bench/report)
  bench report --from FILE.json [--out DIR]
              the page and the picture of what was measured before
  bench compare FOLDER_OR_FILE... [--threads 1,2] [--json FILE] [--markdown FILE] [--chart FILE.png] [--seconds N] [--starts N] [--jit]
              ONNX models in this library and in ONNX Runtime: times, start, memory
  bench training [--nets NAME,...] [--threads 1,2] [--seconds N] [--json FILE]
              training against libtorch (TorchSharp), whose packages take 600 MB
  format      formats C and C#; with --check only reports
  bindings    writes the P/Invoke layer anew from native/include/cnn.h; with --check only compares
  api         writes down what is public, in PublicAPI.Unshipped.txt of each library, when that is meant to change
  clean       removes everything that was built
  help        this text
TEXT
}

fail() {
    printf 'build.sh: %s\n' "$*" >&2
    exit 1
}

# need COMMAND PACKAGE: installs the Debian package when the command is not there.
need() {
    command -v "$1" >/dev/null 2>&1 && return
    need_package "$2" "'$1' is missing."
    command -v "$1" >/dev/null 2>&1 || fail "'$1' is still missing after 'apt-get install -y $2'."
}

# need_package PACKAGES [REASON]: installs Debian packages.
need_package() {
    local install="apt-get install -y $1" reason=${2:-"The Debian package '$1' is missing."}
    if ! command -v apt-get >/dev/null 2>&1; then
        fail "$reason Install it with your system's package manager (Debian calls the package '$1')."
    elif [ "$(id -u)" -eq 0 ]; then
        apt-get update -q >/dev/null && DEBIAN_FRONTEND=noninteractive $install >/dev/null
    elif sudo -n true 2>/dev/null; then
        sudo apt-get update -q >/dev/null && sudo DEBIAN_FRONTEND=noninteractive $install >/dev/null
    else
        fail "$reason Type: sudo $install"
    fi
}

need_native() {
    command -v cc >/dev/null 2>&1 || need gcc "gcc libc6-dev"
    need cmake cmake
    need ninja ninja-build
}

need_dotnet() {
    command -v dotnet >/dev/null 2>&1 || fail "the .NET SDK $dotnet_version is missing. Get it from https://dotnet.microsoft.com/download"
    dotnet --version >/dev/null 2>&1 || fail "no .NET SDK fits global.json, which asks for $dotnet_version. Installed: $(dotnet --list-sdks | tr '\n' ' ')"
}

native_tests() { # PRESET
    cmake --preset "$1" >/dev/null
    cmake --build --preset "$1" >/dev/null
    ctest --preset "$1" -j "$(processors)"
}

processors() {
    nproc 2>/dev/null || echo 2
}

# The version of the packages, which comes from git's tags, by a package that a fresh clone has not restored yet.
product_version() {
    need_dotnet
    dotnet msbuild src/CnnNative/CnnNative.csproj -restore -t:TellVersion -v:quiet -nologo -getProperty:Version
}

verb_build() {
    need_native
    need_dotnet
    dotnet build CnnNative.sln -c Release "$@"
}

verb_test() {
    case ${1:-} in
        --rids)
            [ $# -eq 2 ] || fail "--rids needs a list of platforms, such as linux-arm64,win-x64."
            test_rids "${2//,/ }"
            return
            ;;
        --packages)
            test_packages
            return
            ;;
        --all-rids)
            test_rids "$all_rids"
            verb_pack
            test_packages
            return
            ;;
    esac
    need_native
    need_dotnet
    native_tests tests
    native_tests sanitize
    dotnet build CnnNative.sln -c Release
    dotnet test --solution CnnNative.sln -c Release --no-build "$@"
}

verb_demo() {
    need_native
    need_dotnet
    [ $# -gt 0 ] || set -- --out artifacts/demo
    dotnet run --project src/CnnNative.Cli -c Release -- demo "$@"
}

bench_kernels() {
    need_native
    cmake --preset tests >/dev/null
    cmake --build --preset tests --target checkcnn >/dev/null
    artifacts/native/tests/tests/native/checkcnn --bench "$@"
}

bench_report() {
    local out=artifacts/bench/report from=
    local -a kernels=()
    while [ $# -gt 0 ]; do
        case $1 in
            --json) fail "bench report writes its own JSON file, into the folder of --out." ;;
            --out | --from)
                [ $# -gt 1 ] || fail "$1 needs a value."
                [ "$1" = --out ] && out=$2 || from=$2
                shift
                ;;
            *) kernels+=("$1") ;;
        esac
        shift
    done
    [ -z "$from" ] || [ ${#kernels[@]} -eq 0 ] || fail "with --from nothing is measured, so '${kernels[0]}' has no meaning."
    need_native
    need_dotnet
    # Built before anything is measured, so that the compiler does not share the processor with the kernels.
    dotnet build bench/CnnNative.BenchmarkReport -c Release -v quiet --nologo
    if [ -z "$from" ]; then
        mkdir -p "$out"
        from=$out/report.json
        bench_kernels "${kernels[@]+"${kernels[@]}"}" --json "$from"
    fi
    dotnet run --project bench/CnnNative.BenchmarkReport -c Release --no-build -- "$from" --out "$out"
}

bench_training() {
    need_native
    need_dotnet
    local project=bench/CnnNative.TrainingBenchmarks
    dotnet build $project -c Release -v quiet --nologo
    local out
    out=$(dotnet msbuild $project -p:Configuration=Release -getProperty:OutDir)
    # Where the system's C++ library is too old for libtorch, the shared data has a tool that makes it load for measurements.
    local patch=../shared/tools/libtorch_on_debian12.py
    if [ -f $patch ] && ! "$out/CnnNative.TrainingBenchmarks" --check >/dev/null 2>&1; then
        need patchelf patchelf
        python3 $patch "$out" >/dev/null
    fi
    "$out/CnnNative.TrainingBenchmarks" "$@"
}

verb_bench() {
    case ${1:-} in
        kernels | report | training)
            local what=bench_$1
            shift
            "$what" "$@"
            ;;
        *)
            need_native
            need_dotnet
            dotnet run --project bench/CnnNative.Benchmarks -c Release -- "$@"
            ;;
    esac
}

verb_format() {
    need clang-format clang-format
    need_dotnet
    local -a check=() verify=()
    if [ "${1:-}" = --check ]; then
        check=(--dry-run --Werror)
        verify=(--verify-no-changes)
    fi
    git ls-files 'native/*.[ch]' 'tests/native/*.[ch]' | xargs clang-format -i "${check[@]+"${check[@]}"}"
    dotnet format CnnNative.sln "${verify[@]+"${verify[@]}"}"
}

verb_bindings() {
    need clang clang
    need_dotnet
    dotnet run --project src/CnnNative.BindingGenerator -c Release -- --header native/include/cnn.h \
        --output src/CnnNative/Interop/NativeMethods.g.cs --layout tests/native/layout.g.c "$@"
}

verb_clean() {
    rm -rf artifacts
}

verb=${1:-help}
[ $# -eq 0 ] || shift
case $verb in
    build | test | pack | api | demo | bench | format | bindings | clean) "verb_$verb" "$@" ;;
    help | -h | --help) usage ;;
    *)
        usage >&2
        fail "unknown verb '$verb'."
        ;;
esac
