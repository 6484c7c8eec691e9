/* math.h - what the library calls of macOS's C library, declared after the C standard. */
#pragma once

#define HUGE_VAL __builtin_huge_val()
#define INFINITY __builtin_inff()
#define NAN __builtin_nanf("")
#define isfinite(x) __builtin_isfinite(x)
#define isinf(x) __builtin_isinf(x)
#define isnan(x) __builtin_isnan(x)
#define signbit(x) __builtin_signbit(x)

#define CNN_DECLARE(name)                                                                                                   \
    double name(double x);                                                                                                  \
    float name##f(float x);
#define CNN_DECLARE_TWO(name)                                                                                               \
    double name(double x, double y);                                                                                        \
    float name##f(float x, float y);

CNN_DECLARE(acos)
CNN_DECLARE(acosh)
CNN_DECLARE(asin)
CNN_DECLARE(asinh)
CNN_DECLARE(atan)
CNN_DECLARE(atanh)
CNN_DECLARE(ceil)
CNN_DECLARE(cos)
CNN_DECLARE(cosh)
CNN_DECLARE(erf)
CNN_DECLARE(erfc)
CNN_DECLARE(exp)
CNN_DECLARE(exp2)
CNN_DECLARE(expm1)
CNN_DECLARE(fabs)
CNN_DECLARE(floor)
CNN_DECLARE(log)
CNN_DECLARE(log1p)
CNN_DECLARE(log2)
CNN_DECLARE(nearbyint)
CNN_DECLARE(rint)
CNN_DECLARE(round)
CNN_DECLARE(sin)
CNN_DECLARE(sinh)
CNN_DECLARE(sqrt)
CNN_DECLARE(tan)
CNN_DECLARE(tanh)
CNN_DECLARE(trunc)
CNN_DECLARE_TWO(copysign)
CNN_DECLARE_TWO(fmax)
CNN_DECLARE_TWO(fmin)
CNN_DECLARE_TWO(fmod)
CNN_DECLARE_TWO(nextafter)
CNN_DECLARE_TWO(pow)

double fma(double x, double y, double z);
float fmaf(float x, float y, float z);
double frexp(double x, int *exponent);
double ldexp(double x, int exponent);
float ldexpf(float x, int exponent);
long lrint(double x);
long lrintf(float x);

#undef CNN_DECLARE
#undef CNN_DECLARE_TWO
