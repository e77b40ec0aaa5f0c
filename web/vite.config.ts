/* Builds one classic script and one style sheet for each page, which Python inlines: `vite build --mode PAGE`.
 *
 * MapLibre's worker is an ES module, and a browser starts no module worker on a page opened from disk (its
 * origin is opaque). So it is bundled as a classic script of its own and carried as text: src/map.ts makes a
 * blob of it. */
import { copyFileSync } from "node:fs";
import { build, defineConfig, type Plugin } from "vite";

const PAGES: Record<string, string> = { report: "src/main.ts", attribution: "src/attribution/main.ts" };
const OUT = "../src/watchkeeper/console/assets";
const WORKER = "virtual:maplibre-worker";

async function classicWorker(): Promise<string> {
  const built = await build({
    configFile: false,
    logLevel: "error",
    build: {
      write: false,
      lib: {
        entry: "node_modules/maplibre-gl/dist/maplibre-gl-worker.mjs",
        formats: ["iife"],
        name: "worker",
      },
    },
  });
  const [bundle] = [built].flat();
  if (!bundle || !("output" in bundle)) throw new Error("the map's worker was not built");
  return bundle.output[0].code;
}

function workerAsText(): Plugin {
  return {
    name: "worker-as-text",
    resolveId: (id) => (id === WORKER ? `\0${WORKER}` : null),
    load: async (id) => (id === `\0${WORKER}` ? `export default ${JSON.stringify(await classicWorker())}` : null),
  };
}

function licence(): Plugin {
  return {
    name: "licence",
    closeBundle: () => copyFileSync("node_modules/maplibre-gl/LICENSE.txt", `${OUT}/maplibre-gl.LICENSE.txt`),
  };
}

export default defineConfig(({ mode: page }) => ({
  plugins: [workerAsText(), licence()],
  // MapLibre looks for its worker beside its own address; a script inside a page has none.
  define: { "import.meta.url": '""' },
  build: {
    outDir: OUT,
    emptyOutDir: page === "report",
    target: "es2022",
    cssCodeSplit: false,
    reportCompressedSize: false,
    chunkSizeWarningLimit: 3000,
    lib: {
      entry: PAGES[page]!,
      formats: ["iife"],
      name: "watchkeeper",
      fileName: () => `${page}.js`,
      cssFileName: page,
    },
  },
}));
