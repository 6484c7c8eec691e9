# The native library for every platform that the packages serve: which tools each takes, how it is built and how it is tested.
# Sourced by build.sh. The runtime identifiers are .NET's and at the same time the names of the CMake presets.
readonly all_rids="linux-x64 linux-arm64 linux-musl-x64 linux-musl-arm64 win-x64 win-arm64 osx-x64 osx-arm64"

need_rid() { # RID
    need cmake cmake
    need ninja ninja-build
    case $1 in
        linux-x64)
            [ "$(uname -sm)" = "Linux x86_64" ] || fail "the preset linux-x64 builds with the compiler of the machine, which is no Linux on x64."
            need_native
            ;;
        linux-arm64)
            need aarch64-linux-gnu-gcc "gcc-aarch64-linux-gnu libc6-dev-arm64-cross"
            command -v qemu-aarch64 >/dev/null 2>&1 || need qemu-aarch64-static qemu-user-static
            ;;
        linux-musl-x64) need musl-gcc musl-tools ;;
        linux-musl-arm64)
            need_llvm
            command -v qemu-aarch64 >/dev/null 2>&1 || need qemu-aarch64-static qemu-user-static
            native/toolchains/sysroot.sh
            ;;
        win-x64)
            need x86_64-w64-mingw32-gcc gcc-mingw-w64-x86-64
            need wine "wine64 wine"
            ;;
        win-arm64)
            need_llvm
            [ -d /usr/share/mingw-w64/include ] || need_package mingw-w64-common
            ;;
        osx-x64 | osx-arm64) need_llvm ;;
        *) fail "unknown platform '$1'. There are: $all_rids" ;;
    esac
}

need_llvm() {
    need clang-19 clang-19
    need ld.lld-19 lld-19
    need llvm-strip-19 llvm-19
}

build_rid() { # RID
    local version
    need_rid "$1"
    version=$(product_version) # on a line of its own, so that its failure ends the script
    cmake --preset "$1" -DCNN_VERSION="$version" >/dev/null
    cmake --build --preset "$1" >/dev/null
}

# What cannot be run here, the tests of macOS and of Windows on ARM64, has the test of the file alone.
test_rid() { # RID
    build_rid "$1"
    case $1 in
        win-x64)
            export WINEPREFIX=$PWD/artifacts/wine WINEDEBUG=-all
            wineboot --init >/dev/null 2>&1 </dev/null
            ctest --preset "$1" -j "$(processors)"
            ;;
        *) ctest --preset "$1" -j "$(processors)" ;;
    esac
}

test_rids() { # "RID ..."
    local rid
    for rid in $1; do
        echo "== $rid"
        test_rid "$rid"
    done
}
