// Bundles the page: node build.mjs NODE_MODULES_PARENT OUT [LIST.csv]...
// page/main.js and what it imports -> OUT/app.js, page/style.css -> OUT/app.css, plus index.html, icon.svg and licences.txt.
// The lists (code,es,en,…) name crops and practices in the page as everywhere else.
// node_modules lives in the build folder, the source stays clean; nothing is fetched here.
import { createRequire } from 'node:module';
import { copyFile, mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const npm = resolve(process.argv[2]);
const out = resolve(process.argv[3]);
const esbuild = createRequire(join(npm, 'package.json'))('esbuild');

await mkdir(out, { recursive: true });
const result = await esbuild.build({
  entryPoints: { app: join(here, 'page/main.js') },
  outdir: out,
  bundle: true,
  minify: true,
  format: 'esm',
  target: ['es2021', 'chrome100', 'firefox100', 'safari15'],
  charset: 'utf8',
  legalComments: 'none', // all licences are collected in licences.txt below
  nodePaths: [join(npm, 'node_modules')],
  define: { VOCABULARY: JSON.stringify(await vocabulary(process.argv.slice(4))) },
  metafile: true,
  logLevel: 'warning',
});
await esbuild.build({
  entryPoints: { app: join(here, 'page/style.css') },
  outdir: out,
  bundle: true,
  minify: true,
  target: ['chrome100', 'firefox100', 'safari15'],
  logLevel: 'warning',
});
for (const name of ['index.html', 'icon.svg']) {
  await copyFile(join(here, 'page', name), join(out, name));
}
await writeFile(join(out, 'licences.txt'), await licences(result.metafile));

// {code: [es, en]} of all lists.
async function vocabulary(files) {
  const words = {};
  for (const file of files) {
    for (const line of (await readFile(file, 'utf8')).split(/\r?\n/)) {
      const [code, es, en] = line.split(',').map((part) => part.trim());
      if (code && !code.startsWith('#') && es && en) words[code] = [es, en];
    }
  }
  return words;
}

// The licence text of every package that has bytes in the bundle.
async function licences(metafile) {
  const names = new Set();
  for (const output of Object.values(metafile.outputs)) {
    for (const [input, { bytesInOutput }] of Object.entries(output.inputs)) {
      const match = /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input);
      if (match && bytesInOutput > 0) names.add(match[1]);
    }
  }
  const parts = ['The page of Parcela contains these libraries.\n'];
  for (const name of [...names].sort()) {
    const folder = join(npm, 'node_modules', name);
    const about = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
    const file = (await readdir(folder)).find((f) => /^licen[cs]e/i.test(f));
    const text = file ? await readFile(join(folder, file), 'utf8') : `Licence: ${about.license}`;
    parts.push(`\n---- ${about.name} ${about.version} (${about.license})\n\n${text.trim()}\n`);
  }
  return parts.join('');
}
