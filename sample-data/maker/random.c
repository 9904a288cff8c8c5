/* Chance with a name: each subject has its own stream, so that adding a plot to one programme moves
 * nothing in another. Also the invented people. Names are common ones put together at random;
 * nobody is meant. */
#include "maker.h"

#include <math.h>
#include <stdio.h>

static uint64_t mix(uint64_t z)
{
    z += 0x9e3779b97f4a7c15u; /* splitmix64 (Steele, Lea and Flood 2014) */
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

struct rng rng_for(const char *subject)
{
    uint64_t h = 0xcbf29ce484222325u; /* FNV-1a */
    for (const char *c = subject; *c; c++)
        h = (h ^ (unsigned char)*c) * 0x100000001b3u;
    return (struct rng){mix(h)};
}

static uint64_t next(struct rng *r)
{
    r->state += 0x9e3779b97f4a7c15u;
    return mix(r->state);
}

double rng_unit(struct rng *r)
{
    return (double)(next(r) >> 11) * 0x1p-53;
}

double rng_between(struct rng *r, double low, double high)
{
    return low + (high - low) * rng_unit(r);
}

int rng_below(struct rng *r, int n)
{
    return (int)(rng_unit(r) * n);
}

double rng_normal(struct rng *r)
{
    double u = rng_unit(r), v = rng_unit(r);
    return sqrt(-2 * log(1 - u)) * cos(2 * M_PI * v);
}

double hash_unit(int64_t a, int64_t b, int64_t c)
{
    uint64_t h = mix(mix(mix((uint64_t)a) ^ (uint64_t)b) ^ (uint64_t)c);
    return (double)(h >> 11) * 0x1p-52 - 1;
}

static const char *const WOMEN[] = {
    "María",  "Juana",   "Rosa", "Lucía",    "Petrona", "Verónica", "Micaela", "Sofía",
    "Ángela", "Marcela", "Inés", "Catalina", "Elena",   "Nicolasa", "Teresa",  "Beatriz"};
static const char *const MEN[] = {"José",   "Juan",   "Sebastián", "Mateo",   "Nicolás", "Andrés",
                                  "Miguel", "Ramón",  "Domingo",   "Agustín", "Martín",  "Tomás",
                                  "Gaspar", "Manuel", "Jesús",     "Efraín"};
static const char *const SURNAMES[] = {
    "Gómez",   "Pérez",     "Hernández", "López",   "Núñez",   "Méndez",   "Cruz",     "Vázquez",
    "Jiménez", "Gutiérrez", "Álvarez",   "Torres",  "Ramírez", "Díaz",     "Sánchez",  "Arcos",
    "Peñate",  "Ordóñez",   "Guzmán",    "Velasco", "Muñoz",   "Santiago", "Martínez", "Ruiz"};

#define PICK(r, list) ((list)[rng_below(r, (int)(sizeof(list) / sizeof(list)[0]))])

struct person person_invent(struct rng *r, const char *prefix, int number, double women,
                            double young)
{
    struct person p = {.gender = rng_unit(r) < women ? 'F' : 'M'};
    snprintf(p.code, sizeof p.code, "%s-P%03d", prefix, number);
    const char *given = p.gender == 'F' ? PICK(r, WOMEN) : PICK(r, MEN);
    const char *father = PICK(r, SURNAMES), *mother = PICK(r, SURNAMES);
    snprintf(p.name, sizeof p.name, "%s %s %s", given, father, mother);
    bool is_young = rng_unit(r) < young;
    p.birth_year = is_young ? 1991 + rng_below(r, 14) : 1948 + rng_below(r, 43);
    return p;
}

void date_in(struct rng *r, int year, char out[12])
{
    int month = 1 + rng_below(r, 6), day = 1 + rng_below(r, 28);
    snprintf(out, 12, "%04u-%02u-%02u", (unsigned)year % 10000, (unsigned)month % 100,
             (unsigned)day % 100);
}
