// The built app as `vite preview` serves it, in front of a gateway.
import { preview } from 'vite';

export async function serve(gateway) {
  process.env.TESSERA_URL = gateway;
  const server = await preview({
    root: new URL('..', import.meta.url).pathname,
    preview: { host: '127.0.0.1', port: 0 },
    logLevel: 'error',
  });
  const { port } = server.httpServer.address();
  return { url: `http://127.0.0.1:${port}`, close: () => server.close() };
}
