# Packing: the native libraries of all platforms, then the packages, all into artifacts/package/release. Sourced by build.sh.
readonly packed=artifacts/package/release
readonly packed_again=artifacts/package/again
readonly packed_projects="CnnNative.Native CnnNative CnnNative.Onnx CnnNative.Imaging CnnNative.Cli"
readonly api_projects="CnnNative CnnNative.Onnx CnnNative.Imaging"

verb_pack() {
    local rids=$all_rids rid
    case ${1:-} in
        --rids)
            [ $# -eq 2 ] || fail "--rids needs a list of platforms, such as linux-x64,win-x64."
            rids=${2//,/ }
            ;;
        ?*) fail "pack knows --rids and no '$1'." ;;
    esac
    for rid in $rids; do
        build_rid "$rid"
    done
    pack_projects "$rids" artifacts/native artifacts/pack $packed
    for rid in $rids; do
        mkdir -p "$packed/symbols/$rid"
        find "artifacts/native/$rid/native" -maxdepth 1 \( -name '*.dbg' -o -name '*.dwarf' \) -exec cp {} "$packed/symbols/$rid/" \;
    done
    (cd $packed && ls -l -- *.nupkg *.snupkg)
}

# The output is not that of ./build.sh build: beside those assemblies stands the native library of this machine, which the packages
# bring for all platforms instead.
pack_projects() { # "RID ..." NATIVE_LIBRARIES OUTPUT PACKAGES
    local project
    rm -rf "$4"
    for project in $packed_projects; do
        dotnet pack "src/$project" -c Release -v quiet -nologo -p:ContinuousIntegrationBuild=true -p:BuildNative=false \
            "-p:NativeRids=\"${1// /;}\"" "-p:NativeLibraryFolder=$PWD/$2/" "-p:ArtifactsPath=$PWD/$3" "-p:PackageOutputPath=$PWD/$4"
    done
}

# The same packages once more, for the test that compares their bytes: from nothing, and the native libraries in other folders. What
# generators write for the compiler lies in the output, whose name is in the assemblies therefore.
pack_again() {
    local rids rid version
    version=$(packed_version)
    rids=$(cd $packed/symbols && echo *)
    rm -rf artifacts/again artifacts/pack
    for rid in $rids; do
        cmake --preset "$rid" -B "artifacts/again/native/$rid" -DCNN_VERSION="$version" -DCNN_BUILD_TESTS=OFF >/dev/null
        cmake --build "artifacts/again/native/$rid" >/dev/null
    done
    pack_projects "$rids" artifacts/again/native artifacts/pack $packed_again
}

packed_version() {
    local package
    package=$(basename "$(ls $packed/CnnNative.Native.*.nupkg)" .nupkg)
    printf '%s\n' "${package#CnnNative.Native.}"
}

# What is public and was not before is added to the project's PublicAPI.Unshipped.txt, and what is gone leaves it; a member that
# was shipped may only be marked as *REMOVED*, by hand.
verb_api() {
    need_native
    need_dotnet
    local project folder list
    for project in $api_projects; do
        folder=src/$project
        list=$(mktemp)
        printf '#nullable enable\n' >"$folder/PublicAPI.Unshipped.txt"
        [ -f "$folder/PublicAPI.Shipped.txt" ] || printf '#nullable enable\n' >"$folder/PublicAPI.Shipped.txt"
        { dotnet build "$folder" -c Release --no-incremental -nologo -p:TreatWarningsAsErrors=false || true; } |
            sed -nE "s/.*RS0016: Symbol '(.*)' is not part of the declared public API.*/\1/p" | LC_ALL=C sort -u >"$list"
        cat "$list" >>"$folder/PublicAPI.Unshipped.txt"
        rm -f "$list"
        printf '%s: %s public members\n' "$project" "$(($(wc -l <"$folder/PublicAPI.Unshipped.txt") - 1))"
    done
}

# What users install: consumers in empty folders, and the test suite over the packages in place of the projects.
test_packages() {
    need_native
    need_dotnet
    need clang clang # links what is compiled ahead of time
    [ -d $packed/symbols ] || fail "$packed has no packages. Run: ./build.sh pack"
    pack_again
    dotnet build tests/CnnNative.PackageTests -c Release -v quiet -nologo
    artifacts/bin/CnnNative.PackageTests/release/CnnNative.PackageTests -showLiveOutput "$@"
    test_suite_over_packages
}

test_suite_over_packages() {
    local folder=$PWD/artifacts/over-packages shared=${NUGET_PACKAGES:-$HOME/.nuget/packages}
    rm -rf "$folder/packages"
    # A cache of its own, which has never seen a package of ours; those of others come from the usual one.
    NUGET_PACKAGES=$folder/packages dotnet build tests/CnnNative.Tests -c Release -v quiet -nologo -p:RunAnalyzers=false \
        "-p:CustomAfterMicrosoftCommonTargets=$PWD/tests/CnnNative.PackageTests/packages-instead-of-projects.targets" \
        "-p:PackedVersion=$(packed_version)" "-p:ArtifactsPath=$folder" "-p:RestoreFallbackFolders=$shared" \
        "-p:RestoreAdditionalProjectSources=$PWD/$packed"
    "$folder/bin/CnnNative.Tests/release/CnnNative.Tests"
}
