// `node pkg/writeCodeCache.ts PROGRAM CACHE`: V8's code for what the program calls, as reading.code when it examines an
// archive and a cluster, as brief.code when it judges values, and for its help. In a process of its own, as the program
// runs in it.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import v8 from 'node:v8';
import { Script } from 'node:vm';
import { root } from './bundle.ts';
import { serveCapture } from './serveCapture.ts';

const [programFile = '', cacheFile = ''] = process.argv.slice(2);
const example = join(root, 'examples', 'captures', 'broken-cluster.kpr');
const folder = mkdtempSync(join(tmpdir(), 'kpr-code-'));
process.on('exit', () => rmSync(folder, { recursive: true }));
const kubeconfig = join(folder, 'kubeconfig');
writeFileSync(
  kubeconfig,
  `apiVersion: v1
kind: Config
current-context: example
contexts: [{name: example, context: {cluster: example, user: example}}]
clusters: [{name: example, cluster: {server: ${await serveCapture(example)}}}]
users: [{name: example, user: {token: example}}]
`,
);
const values = join(folder, 'values.yaml');
// Of several kinds: what is right, of an old layout, of a wrong type, refused, filled in by another tool, misspelt; in
// each of the ways in which YAML is written.
writeFileSync(
  values,
  `# values
kubeProxyReplacement: strict # as it was
k8sServiceHost: \${HOST}
tunnel: disabled
hostServices: {enabled: true}
loadBalancer: {mode: dsr, algorithm: maglev}
routingMode: tunnel
operator: {replicas: two}
nodePort: &ports {range: [30000, 32767]}
more: *ports
merged: {<<: *ports, enabled: yes}
enableK8sEventHandover: true
containerRuntime: {integration: none}
encryption:
  keyFile: keys
  mountPath: /etc/ipsec
  secretName: cilium-ipsec-keys
  interface: ""
hubble:
  enabled: true
  metrics:
    enabled:
      - dns
      - 'drop'
  realy: {enabled: true}
ipam: {operator: {clusterPoolIPv4PodCIDR: 10.0.0.0/8}}
bpf: {masquarade: true, mapDynamicSizeRatio: 0.0025}
affinity:
  nodeAffinity: {}
extraConfig:
  any: 'text'
  block: |
    lines
  folded: >-
    words
`,
);
const reading = [
  ['doctor', '--from', example],
  ['doctor', '--kubeconfig', kubeconfig],
];
const brief = [
  ['preflight', '--values', values],
  ['preflight', '--values', values, '--to-version', '1.19,1.20', '-o', 'markdown'],
  ['preflight', '-f', values, '--set', 'bpf.masquerade=true', '--to-version', '1.20', '-o', 'json'],
];
const runs = [['--help'], ...(basename(cacheFile).endsWith('brief.code') ? brief : reading)];

// The program sets flags of V8's while it runs; the cache is to bear those of the start.
v8.setFlagsFromString = () => {};
const program = new Script(readFileSync(programFile, 'utf8'), { filename: 'kubectl-kpr.cjs' });
const start = program.runInThisContext() as (
  require: NodeJS.Require,
  filename: string,
  asset: (name: string) => string,
) => void;
const asset = (name: string): string => readFileSync(programFile.replace(/program\.js$/, name), 'utf8');
// The program comes to its end when it has nothing left to do.
process.on('beforeExit', (exitCode) => {
  if (exitCode > 1) throw new Error(`a run that was only to be looked at ended with ${exitCode}`);
  const args = runs.shift();
  if (args !== undefined) {
    process.argv.splice(2, Infinity, ...args);
    // Something to do, so that its end is told as well.
    setImmediate(start, createRequire(import.meta.url), programFile, asset);
    return;
  }
  writeFileSync(cacheFile, program.createCachedData());
  process.exit(0);
});
