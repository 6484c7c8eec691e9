# Packing: the native libraries of all platforms, then the packages, all into artifacts/package/release. Sourced by build.sh.
readonly packed=artifacts/package/release
readonly packed_projects="CnnNative.Native CnnNative CnnNative.Onnx CnnNative.Imaging CnnNative.Cli"
readonly api_projects="CnnNative CnnNative.Onnx CnnNative.Imaging"

verb_pack() {
    local rids=$all_rids rid project
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
    rm -rf $packed
    for project in $packed_projects; do
        # No native library of this machine beside the assemblies: the packages bring those of all platforms.
        dotnet pack "src/$project" -c Release -v quiet -nologo -p:ContinuousIntegrationBuild=true -p:BuildNative=false \
            "-p:NativeRids=\"${rids// /;}\""
    done
    for rid in $rids; do
        mkdir -p "$packed/symbols/$rid"
        find "artifacts/native/$rid/native" -maxdepth 1 \( -name '*.dbg' -o -name '*.dwarf' \) -exec cp {} "$packed/symbols/$rid/" \;
    done
    (cd $packed && ls -l -- *.nupkg *.snupkg)
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
    dotnet build tests/CnnNative.PackageTests -c Release -v quiet -nologo
    artifacts/bin/CnnNative.PackageTests/release/CnnNative.PackageTests -showLiveOutput "$@"
    test_suite_over_packages
}

test_suite_over_packages() {
    local folder=$PWD/artifacts/over-packages shared=${NUGET_PACKAGES:-$HOME/.nuget/packages} version
    version=$(basename "$(ls $packed/CnnNative.Native.*.nupkg)" .nupkg)
    version=${version#CnnNative.Native.}
    rm -rf "$folder/packages"
    # A cache of its own, which has never seen a package of ours; those of others come from the usual one.
    NUGET_PACKAGES=$folder/packages dotnet build tests/CnnNative.Tests -c Release -v quiet -nologo -p:RunAnalyzers=false \
        "-p:CustomAfterMicrosoftCommonTargets=$PWD/tests/CnnNative.PackageTests/packages-instead-of-projects.targets" \
        "-p:PackedVersion=$version" "-p:ArtifactsPath=$folder" "-p:RestoreFallbackFolders=$shared" \
        "-p:RestoreAdditionalProjectSources=$PWD/$packed"
    "$folder/bin/CnnNative.Tests/release/CnnNative.Tests"
}
