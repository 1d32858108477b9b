// A filter for manifests (YAML in, YAML out), used as Helm's post-renderer: lets containers of Cilium and kube-proxy
// run from an image with an empty root. Each gets the node's own /usr and one version's programs at /usr/local.
// Environment: KPR_BED_PROGRAMS, the folder of that version as a node sees it.
import { readFileSync } from 'node:fs';
import { loadAll, YAML11_SCHEMA as yaml11Schema } from 'js-yaml';

interface Container {
  name: string;
  imagePullPolicy?: string;
  resources?: unknown;
  securityContext?: { capabilities?: { add?: string[] } };
  volumeMounts?: { name: string; mountPath: string; readOnly?: boolean }[];
}
interface PodSpec {
  initContainers?: Container[];
  containers: Container[];
  volumes?: unknown[];
}
interface Manifest {
  kind?: string;
  spec?: { strategy?: unknown; template?: { spec?: PodSpec } };
}
interface Shared {
  readonly name: string;
  readonly mountPath: string;
  readonly hostPath: string;
  readonly writable?: boolean;
  /** Containers that must not have it. */
  readonly notIn?: string;
}

const programs = process.env['KPR_BED_PROGRAMS'];
if (programs === undefined) throw new Error('KPR_BED_PROGRAMS is not set');

const shared: readonly Shared[] = [
  { name: 'bed-usr', mountPath: '/usr', hostPath: '/usr' },
  { name: 'bed-local', mountPath: '/usr/local', hostPath: programs },
  { name: 'bed-cni', mountPath: '/opt/cni/bin', hostPath: `${programs}/cni`, notIn: 'kube-proxy' },
  {
    name: 'bed-bpf-cache',
    mountPath: '/var/cache/bpf',
    hostPath: '/run/bpf-cache',
    writable: true,
    notIn: 'kube-proxy',
  },
  // Two programs that Cilium's image lacks and this machine's /usr has: what is tested must not lean on them.
  { name: 'bed-no-nft', mountPath: '/usr/sbin/nft', hostPath: '/dev/null', notIn: 'kube-proxy' },
  { name: 'bed-no-conntrack', mountPath: '/usr/sbin/conntrack', hostPath: '/dev/null', notIn: 'kube-proxy' },
];

// Kubernetes reads YAML 1.1: a leading zero (defaultMode: 0400) is octal.
const manifests = loadAll(readFileSync(0, 'utf8'), { schema: yaml11Schema }) as (Manifest | null)[];
for (const manifest of manifests) {
  const pod = manifest?.spec?.template?.spec;
  if (manifest?.spec && pod && ['DaemonSet', 'Deployment', 'Job'].includes(manifest.kind ?? '')) {
    // Two operators of host ports cannot stand beside each other on few nodes.
    if (manifest.kind === 'Deployment') manifest.spec.strategy = { type: 'Recreate' };
    localise(pod);
  }
}
const present = manifests.filter((manifest) => manifest !== null);
process.stdout.write(present.map((manifest) => `---\n${JSON.stringify(manifest)}\n`).join(''));

function localise(pod: PodSpec): void {
  const mounted = new Set<string>();
  for (const container of [...(pod.initContainers ?? []), ...pod.containers]) {
    container.imagePullPolicy = 'Never';
    delete container.resources;
    const capabilities = container.securityContext?.capabilities;
    if (capabilities?.add) {
      // Not to be had in every sandbox, and needed for limits of old kernels only.
      const held = capabilities.add.filter((name) => name !== 'SYS_RESOURCE');
      // The distribution's bpftool asks for these by name, although SYS_ADMIN implies them.
      capabilities.add = held.includes('SYS_ADMIN') ? [...new Set([...held, 'BPF', 'PERFMON'])] : held;
    }
    const taken = new Set((container.volumeMounts ?? []).map((mount) => mount.mountPath));
    const added = shared.filter(({ mountPath, notIn }) => !taken.has(mountPath) && notIn !== container.name);
    for (const { name } of added) mounted.add(name);
    container.volumeMounts = [
      ...(container.volumeMounts ?? []),
      ...added.map(({ name, mountPath, writable }) => ({ name, mountPath, readOnly: writable !== true })),
    ];
  }
  pod.volumes = [
    ...(pod.volumes ?? []),
    ...shared
      .filter(({ name }) => mounted.has(name))
      .map(({ name, hostPath }) => ({ name, hostPath: { path: hostPath } })),
  ];
}
