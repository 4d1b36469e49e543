// Compresses build/ into dist/ with brotli, one file each, checking on the way that the page needs nothing foreign.
//
// Releases of brotli may compress the same bytes differently. A file of dist/ that still unpacks to what was built
// is therefore left as it is, so that a rebuild of unchanged sources is a rebuild without a difference.
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib';

const root = import.meta.dirname;
const from = join(root, 'build');
const to = join(root, 'dist');

const files = (folder) =>
  existsSync(folder)
    ? readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
        .sort()
    : [];

// Addresses that a browser would fetch by itself. Those inside messages and links are only text.
const fetched = [
  /\bimport\s*\(\s*["'`]\s*(?:https?:)?\/\//,
  /\bfrom\s*["'](?:https?:)?\/\//,
  /\bimportScripts\s*\(\s*["'`](?:https?:)?\/\//,
  /\burl\(\s*["']?(?:https?:)?\/\//,
  /@import\s+(?:url\()?\s*["']?(?:https?:)?\/\//,
  /<(?:script|link|img|iframe)\b[^>]*\b(?:src|href)\s*=\s*["'](?:https?:)?\/\//,
];

function refuseForeign(name, content) {
  if (!/\.(?:html|css|js)$/.test(name)) return;
  const text = content.toString('utf8');
  for (const pattern of fetched) {
    const found = pattern.exec(text);
    if (found) {
      const excerpt = text.slice(found.index, found.index + 120);
      throw new Error(`${name} would fetch from another host, bundle it instead: ${excerpt}`);
    }
  }
}

function compress(name, content) {
  return brotliCompressSync(content, {
    params: {
      [constants.BROTLI_PARAM_MODE]: name.endsWith('2') ? constants.BROTLI_MODE_FONT : constants.BROTLI_MODE_TEXT,
      [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
      [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
      [constants.BROTLI_PARAM_SIZE_HINT]: content.length,
    },
  });
}

function holds(path, content) {
  try {
    return brotliDecompressSync(readFileSync(path)).equals(content);
  } catch {
    return false; // Missing or damaged: it is written anew.
  }
}

const built = files(from);
if (built.length === 0) throw new Error('build/ is empty, run `npm run build`');

const wanted = new Set(built.map((name) => `${name}.br`));
for (const name of files(to)) if (!wanted.has(name)) rmSync(join(to, name));

let plain = 0;
let packed = 0;
for (const name of built) {
  const content = readFileSync(join(from, name));
  refuseForeign(name, content);
  const target = join(to, `${name}.br`);
  if (!holds(target, content)) {
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, compress(name, content));
  }
  plain += content.length;
  packed += readFileSync(target).length;
}
console.log(`dist/: ${built.length} files, ${Math.round(plain / 1024)} kB, ${Math.round(packed / 1024)} kB compressed`);
