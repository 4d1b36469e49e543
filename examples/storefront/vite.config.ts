import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const gateway = process.env.TESSERA_URL ?? 'http://127.0.0.1:8080';

export default defineConfig({
  plugins: [react()],
  server: {
    // `vite preview` uses the same proxy.
    proxy: {
      '/graphql': gateway,
      '/playground/config.json': gateway,
    },
  },
});
