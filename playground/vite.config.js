// Bundles the page into build/; pack.js then compresses it into dist/, which is what git and the gateway's binary hold.
import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig } from 'vite';

const licenses = 'playground/assets/licenses.md';

// Vite lists what it finds in scripts; fonts come in through styles.
function fontLicenses(...packages) {
  return {
    name: 'font-licenses',
    apply: 'build',
    writeBundle({ dir }) {
      for (const name of packages) {
        const text = readFileSync(join(import.meta.dirname, 'node_modules', name, 'LICENSE'), 'utf8');
        appendFileSync(join(dir, licenses), `\n## ${name} (OFL-1.1)\n\n${text.trim()}\n`);
      }
    },
  };
}

// GraphiQL imports its list of shortcuts from its own file and offers no other way to add one.
function ownShortcuts() {
  let found = false;
  return {
    name: 'own-shortcuts',
    enforce: 'pre',
    resolveId(source, importer) {
      if (source !== './short-keys.js' || !/\/graphiql\/dist\/ui\/sidebar\.js$/.test(importer)) return null;
      found = true;
      return join(import.meta.dirname, 'src/ShortKeys.jsx');
    },
    generateBundle() {
      if (!found) this.error('GraphiQL no longer imports ./short-keys.js in ui/sidebar.js: find out where its shortcuts are.');
    },
  };
}

// A gateway started with `tessera serve` answers here; `npm run dev` sends it everything that is not a source file.
const gateway = process.env.TESSERA_URL ?? 'http://127.0.0.1:8080';

export default defineConfig({
  base: './',
  plugins: [ownShortcuts(), fontLicenses('@fontsource/fira-code', '@fontsource/roboto')],
  build: {
    outDir: 'build',
    // The gateway serves the assets under this path, so that they cannot collide with its own routes.
    assetsDir: 'playground/assets',
    assetsInlineLimit: 0,
    // Everything in the bundle is somebody's work: their licences travel with it.
    license: { fileName: licenses },
    // Monaco is 2.8 MB in one piece by nature; the warning would only hide others.
    chunkSizeWarningLimit: 3000,
    rollupOptions: {
      onwarn(warning, warn) {
        // Libraries mark files for React server components, which a page without a server renderer ignores.
        if (warning.code !== 'MODULE_LEVEL_DIRECTIVE') warn(warning);
      },
    },
  },
  server: {
    proxy: {
      '/graphql': gateway,
      '/playground/config.json': gateway,
    },
  },
});
