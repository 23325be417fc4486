// Builds dist/ from src/ and the packages of the lock file: one style sheet, one core script with lazily loaded
// parts, one icon sprite, the tab icon. Every file's name carries a hash of its content, and beside each lies the
// same file compressed. `manifest.json` maps plain names to built ones. Fails when a file outgrows its budget.
import { createHash } from 'node:crypto';
import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants } from 'node:zlib';
import { build } from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));
const src = join(here, 'src');
const dist = join(here, 'dist');
const modules = join(here, 'node_modules');

// Compressed bytes. The core counts the script and everything that it loads on a page that uses all of it.
const budgets = { 'app.css': 12 * 1024, core: 16 * 1024, island: 5 * 1024, 'icons.svg': 6 * 1024 };

const compressed = (bytes) =>
  brotliCompressSync(bytes, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
  });

const hash = (bytes) => createHash('sha256').update(bytes).digest('hex').slice(0, 10);

async function scripts() {
  const built = await build({
    entryPoints: [join(src, 'app.js')],
    bundle: true,
    splitting: true,
    format: 'esm',
    minify: true,
    target: ['chrome123', 'firefox121', 'safari17.5'],
    legalComments: 'none',
    outdir: dist,
    entryNames: '[name]-[hash]',
    chunkNames: '[name]-[hash]',
    metafile: true,
    write: false,
  });
  return built.outputFiles.map((file) => ({ file: basename(file.path), bytes: Buffer.from(file.contents) }));
}

async function styles() {
  const built = await build({
    entryPoints: [join(src, 'app.css')],
    bundle: true,
    minify: true,
    target: ['chrome123', 'firefox121', 'safari17.5'],
    legalComments: 'none',
    write: false,
    outdir: dist,
  });
  return Buffer.from(built.outputFiles[0].contents);
}

// One <symbol> per icon: pages refer to them by name, so a page carries no path data.
async function sprite() {
  const names = JSON.parse(await readFile(join(src, 'icons.json'), 'utf8'));
  const symbols = [];
  for (const name of [...names].sort()) {
    const svg = await readFile(join(modules, 'lucide-static', 'icons', `${name}.svg`), 'utf8');
    const inner = svg.slice(svg.indexOf('>', svg.indexOf('<svg')) + 1, svg.lastIndexOf('</svg>'));
    symbols.push(symbol(name, inner));
  }
  const own = await readFile(join(src, 'portico.svg'), 'utf8');
  symbols.push(symbol('portico', own.slice(own.indexOf('>') + 1, own.lastIndexOf('</svg>'))));
  return Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg">${symbols.join('')}</svg>\n`);
}

function symbol(name, inner) {
  const paths = inner.replace(/\s*\n\s*/g, '').replace(/\s+\/>/g, '/>');
  return (
    `<symbol id="${name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" ` +
    `stroke-linecap="round" stroke-linejoin="round">${paths}</symbol>`
  );
}

// The licences of the packages whose code is in the built files.
async function notices() {
  const parts = [];
  for (const name of ['htmx.org', 'lucide-static']) {
    const folder = join(modules, name);
    const { version, license } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
    const file = (await readdir(folder)).find((entry) => /^licen[cs]e/i.test(entry));
    const text = file ? await readFile(join(folder, file), 'utf8') : '';
    parts.push(`${name} ${version} (${license})\n\n${text.trim()}\n`);
  }
  return Buffer.from(parts.join('\n----\n\n'));
}

const manifest = {};
const sizes = {};

async function put(plain, file, bytes) {
  const small = compressed(bytes);
  await writeFile(join(dist, file), bytes);
  await writeFile(join(dist, `${file}.br`), small);
  manifest[plain] = file;
  sizes[plain] = small.length;
}

const named = (plain, bytes) => `${plain.slice(0, -extname(plain).length)}-${hash(bytes)}${extname(plain)}`;

await rm(dist, { recursive: true, force: true });
await mkdir(dist, { recursive: true });
for (const { file, bytes } of await scripts()) {
  await put(file.replace(/-[A-Z0-9]+\.js$/, '.js'), file, bytes);
}
for (const [plain, bytes] of [
  ['app.css', await styles()],
  ['icons.svg', await sprite()],
  ['favicon.svg', await readFile(join(src, 'favicon.svg'))],
  ['third-party.txt', await notices()],
]) {
  await put(plain, named(plain, bytes), bytes);
}
await writeFile(join(dist, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`);

const islands = (await readdir(join(src, 'islands'))).filter((file) => file.endsWith('.js'));
sizes.core = Object.entries(sizes)
  .filter(([name]) => name.endsWith('.js') && !islands.includes(name))
  .reduce((sum, [, size]) => sum + size, 0);

const over = [];
for (const [name, size] of Object.entries(sizes)) {
  const budget = budgets[name] ?? (islands.includes(name) ? budgets.island : undefined);
  console.log(`${name.padEnd(24)} ${String(size).padStart(6)} B${budget ? ` of ${budget}` : ''}`);
  if (budget && size > budget) over.push(name);
}
if (over.length > 0) {
  console.error(`over budget: ${over.join(', ')}`);
  process.exit(1);
}
