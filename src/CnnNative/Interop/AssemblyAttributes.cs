// Structs cross the boundary as they lie in memory: nothing is converted behind the scenes.

[assembly: System.Runtime.CompilerServices.DisableRuntimeMarshalling]
