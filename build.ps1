# The one entry to building, testing and trying CnnNative on Windows; build.sh has the same verbs and says more about each.
# It needs the .NET SDK 10.0, CMake, Ninja and a C compiler (Visual Studio's or MinGW's) on the path.
param([string] $Verb = 'help', [Parameter(ValueFromRemainingArguments)] [string[]] $Rest)
$ErrorActionPreference = 'Stop'
Set-Location $PSScriptRoot

function Invoke-Checked([string] $Command, [string[]] $Arguments) {
    & $Command @Arguments
    if ($LASTEXITCODE -ne 0) { exit $LASTEXITCODE }
}

foreach ($tool in 'dotnet', 'cmake', 'ninja') {
    if ($Verb -ne 'help' -and -not (Get-Command $tool -ErrorAction SilentlyContinue)) {
        Write-Error "'$tool' is missing. Type: winget install $(@{ dotnet = 'Microsoft.DotNet.SDK.10'; cmake = 'Kitware.CMake'; ninja = 'Ninja-build.Ninja' }[$tool])"
    }
}

switch ($Verb) {
    'build' { Invoke-Checked dotnet (@('build', 'CnnNative.sln', '-c', 'Release') + $Rest) }
    'test' {
        Invoke-Checked cmake @('--preset', 'tests')
        Invoke-Checked cmake @('--build', '--preset', 'tests')
        Invoke-Checked ctest @('--preset', 'tests')
        Invoke-Checked dotnet (@('test', '--solution', 'CnnNative.sln', '-c', 'Release') + $Rest)
    }
    'demo' {
        if (-not $Rest) { $Rest = @('--out', 'artifacts/demo') }
        Invoke-Checked dotnet (@('run', '--project', 'src/CnnNative.Cli', '-c', 'Release', '--', 'demo') + $Rest)
    }
    'bench' {
        if ($Rest -and $Rest[0] -eq 'kernels') {
            Invoke-Checked cmake @('--preset', 'tests')
            Invoke-Checked cmake @('--build', '--preset', 'tests', '--target', 'checkcnn')
            Invoke-Checked artifacts/native/tests/tests/native/checkcnn (@('--bench') + $Rest[1..$Rest.Count])
        } else {
            Invoke-Checked dotnet (@('run', '--project', 'bench/CnnNative.Benchmarks', '-c', 'Release', '--') + $Rest)
        }
    }
    'format' { Invoke-Checked dotnet @('format', 'CnnNative.sln') }
    'bindings' {
        Invoke-Checked dotnet (@('run', '--project', 'src/CnnNative.BindingGenerator', '-c', 'Release', '--', '--header', 'native/include/cnn.h',
                '--output', 'src/CnnNative/Interop/NativeMethods.g.cs', '--layout', 'tests/native/layout.g.c') + $Rest)
    }
    'clean' { if (Test-Path artifacts) { Remove-Item artifacts -Recurse -Force } }
    default { Write-Output 'Usage: ./build.ps1 build | test | demo | bench | format | bindings | clean | help' }
}
