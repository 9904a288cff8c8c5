// Makes a small registry with the built program ($PARCELA) from the made-up data of mock/, serves it on a free port of this
// machine, and tells the address.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { makeWorld } from './mock/world.mjs';

// -> {url, token, close()}; throws with the program's own words when a step fails.
export async function startServed(parcela) {
  const folder = await mkdtemp(join(tmpdir(), 'parcela-served-'));
  const registry = join(folder, 'registry');
  const world = makeWorld();
  await writeWorld(folder, world);
  run(parcela, 'init', registry);
  run(parcela, 'layer', 'add', registry, 'regions', join(folder, 'state.geojson'), '--level', 'state', '--key', 'key', '--name', 'name');
  run(parcela, 'layer', 'add', registry, 'regions', join(folder, 'municipality.geojson'), '--level', 'municipality', '--key', 'key', '--name', 'name');
  run(parcela, 'layer', 'add', registry, 'corridors', join(folder, 'corridors.geojson'), '--key', 'key', '--name', 'name', '--edition', 'test');
  run(parcela, 'layer', 'add', registry, 'terrain', join(folder, 'terrain.asc'), '--model', 'Colinas', '--edition', 'test', '--vertical-error-m', '1.2');
  for (const programme of new Set(world.plots.map((plot) => plot.programme))) {
    run(parcela, 'import', registry, join(folder, `${programme}.geojson`), '--programme', programme);
  }
  const server = spawn(parcela, ['serve', registry, '--listen', '127.0.0.1:0'], { stdio: ['ignore', 'pipe', 'pipe'] });
  const url = await address(server);
  const { token } = JSON.parse(run(parcela, 'token', 'add', registry, '--role', 'editor', '--format', 'json'));
  return {
    url,
    token,
    async close() {
      const ended = new Promise((resolve) => server.once('exit', resolve));
      server.kill('SIGTERM');
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function run(parcela, ...words) {
  const { status, error, stdout, stderr } = spawnSync(parcela, words, { encoding: 'utf8' });
  if (error || status !== 0) throw new Error(`parcela ${words.slice(0, 2).join(' ')} ended with ${status ?? error}: ${stderr}${stdout}`);
  return stdout;
}

// The first http:// address the server prints.
function address(server) {
  return new Promise((resolve, reject) => {
    let said = '';
    const take = (chunk) => {
      said += chunk;
      const match = /http:\/\/127\.0\.0\.1:[1-9]\d*/.exec(said);
      if (match) resolve(match[0]);
    };
    server.stdout.on('data', take);
    server.stderr.on('data', take);
    server.once('exit', (code) => reject(new Error(`parcela serve ended with ${code}: ${said}`)));
  });
}

async function writeWorld(folder, world) {
  const polygon = (rings, properties) => ({ type: 'Feature', properties, geometry: { type: 'Polygon', coordinates: rings.map((ring) => [...ring, ring[0]]) } });
  const write = (name, features) => writeFile(join(folder, `${name}.geojson`), JSON.stringify({ type: 'FeatureCollection', features }));
  for (const level of ['state', 'municipality']) {
    await write(level, world.regions.filter((one) => one.level === level).map(({ ring, key, name }) => polygon([ring], { key, name })));
  }
  await write('corridors', world.corridors.map(({ ring, hole, key, name }) => polygon([ring, hole].filter(Boolean), { key, name })));
  await writeTerrain(folder, world);
  const programmes = new Set(world.plots.map((plot) => plot.programme));
  for (const programme of programmes) {
    await write(programme, world.plots.filter((plot) => plot.programme === programme).map((plot) =>
      polygon([plot.ring], { code: plot.code, crop: plot.crops[0], practice: plot.practices[0], organisation: plot.organisation, year: plot.year })));
  }
}

// Hills of up to some 25 % under all plots, as an ASCII grid in degrees.
async function writeTerrain(folder, world) {
  const points = world.plots.flatMap((plot) => plot.ring);
  const west = Math.min(...points.map(([x]) => x)) - 0.05;
  const south = Math.min(...points.map(([, y]) => y)) - 0.05;
  const span = Math.max(Math.max(...points.map(([x]) => x)) - west, Math.max(...points.map(([, y]) => y)) - south) + 0.05;
  const n = 400;
  const height = (0.25 * 20 * (span / n) * 108000) / (2 * Math.PI);
  const line = (row) => Array.from({ length: n }, (_, col) => (2500 + height * Math.sin((2 * Math.PI * col) / 20) * Math.cos(row / 50)).toFixed(2)).join(' ');
  const head = `ncols ${n}\nnrows ${n}\nxllcorner ${west}\nyllcorner ${south}\ncellsize ${span / n}\nNODATA_value -9999\n`;
  await writeFile(join(folder, 'terrain.asc'), head + Array.from({ length: n }, (_, row) => line(row)).join('\n') + '\n');
  await writeFile(join(folder, 'terrain.prj'), 'GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563]],PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433],AUTHORITY["EPSG","4326"]]');
}
