-- What a programme that keeps hectares in a table asks: answered from an index alone.
SELECT mun_key, sum(ha) FROM part GROUP BY mun_key ORDER BY mun_key;
