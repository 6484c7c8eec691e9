# The one entry to building, testing and trying CnnNative on Windows; build.sh has the same verbs and says more about each.
# It needs the .NET SDK 10.0, CMake, Ninja and a C compiler (Visual Studio's or MinGW's) on the path.
param([string] $Verb = 'help', [Parameter(ValueFromRemainingArguments)] [string[]] $Rest)
$ErrorActionPreference = 'Stop'
Set-Location $PSScriptRoot

function Invoke-Checked([string] $Command, [string[]] $Arguments) {
    & $Command @Arguments
    if ($LASTEXITCODE -ne 0) { exit $LASTEXITCODE }
}

function Measure-Kernels([string[]] $Options) {
    Invoke-Checked cmake @('--preset', 'tests')
    Invoke-Checked cmake @('--build', '--preset', 'tests', '--target', 'checkcnn')
    Invoke-Checked artifacts/native/tests/tests/native/checkcnn (@('--bench') + $Options)
}

# [--out DIR] and either [--from FILE.json] or options for the measurement, such as --quick.
function Write-Report([string[]] $Options) {
    $out = 'artifacts/bench/report'
    $from = ''
    $kernels = @()
    for ($i = 0; $i -lt $Options.Count; $i++) {
        switch ($Options[$i]) {
            '--json' { throw 'bench report writes its own JSON file, into the folder of --out.' }
            '--out' { $out = $Options[++$i] }
            '--from' { $from = $Options[++$i] }
            default { $kernels += $Options[$i] }
        }
    }
    if ($Options -and $Options[-1] -in '--out', '--from') { throw "$($Options[-1]) needs a value." }
    if ($from -and $kernels) { throw "with --from nothing is measured, so '$($kernels[0])' has no meaning." }
    Invoke-Checked dotnet @('build', 'bench/CnnNative.BenchmarkReport', '-c', 'Release', '-v', 'quiet', '--nologo')
    if (-not $from) {
        New-Item -ItemType Directory -Force $out | Out-Null
        $from = Join-Path $out 'report.json'
        Measure-Kernels ($kernels + @('--json', $from))
    }
    Invoke-Checked dotnet @('run', '--project', 'bench/CnnNative.BenchmarkReport', '-c', 'Release', '--no-build', '--', $from, '--out', $out)
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
            Measure-Kernels ([string[]] @($Rest | Select-Object -Skip 1))
        } elseif ($Rest -and $Rest[0] -eq 'report') {
            Write-Report ([string[]] @($Rest | Select-Object -Skip 1))
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
    default { Write-Output 'Usage: ./build.ps1 build | test | demo | bench [kernels | report] | format | bindings | clean | help' }
}
