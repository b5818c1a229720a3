import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';
import { offline } from './scripts/offlinePlugin.ts';
import { kernelSource } from './src/engine/wasm/kernelSource.mjs';

/** Cross-origin isolation: shared memory for WebAssembly threads needs it. */
const isolation = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

/** The development server puts an inline script into the page, which the page's own policy forbids. */
const withoutPolicyInDevelopment: Plugin = {
  name: 'without-policy-in-development',
  apply: 'serve',
  transformIndexHtml: (html) => html.replace(/<meta\s+http-equiv="Content-Security-Policy"[^>]*>/, ''),
};

export default defineConfig({
  // Relative addresses: the built page works from any folder of any static host.
  base: './',
  plugins: [react(), withoutPolicyInDevelopment, offline()],
  // What the engine of this page holds its kernels to.
  define: { KERNEL_SOURCE: JSON.stringify(await kernelSource()) },
  worker: { format: 'es' },
  build: {
    target: 'esnext',
    chunkSizeWarningLimit: 1200,
    rolldownOptions: {
      input: { index: 'index.html', sw: 'src/app/offline/serviceWorker.ts' },
      // A service worker is known by its address: it keeps its name, and stands beside the page.
      output: {
        entryFileNames: ({ name }) => (name === 'sw' ? 'sw.js' : 'assets/[name]-[hash].js'),
      },
    },
  },
  // Pre-bundled, onnxruntime would look for its .wasm beside the bundle, where there is none; web-llm, which only its own
  // worker imports, would be found late and reload the page.
  optimizeDeps: { exclude: ['onnxruntime-web', '@mlc-ai/web-llm'] },
  server: { headers: isolation },
  preview: { headers: isolation },
});
