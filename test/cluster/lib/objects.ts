import type { Bed } from './Bed.ts';

export const clusterIPOf = async (bed: Bed, service: string, namespace = 'default'): Promise<string> =>
  bed.kubectl('-n', namespace, 'get', 'service', service, '-o', 'jsonpath={.spec.clusterIP}');

export const annotate = async (
  bed: Bed,
  service: string,
  key: string,
  value: string,
): Promise<() => Promise<string>> => {
  await bed.kubectl('annotate', '--overwrite', 'service', service, `${key}=${value}`);
  return () => bed.kubectl('annotate', 'service', service, `${key}-`);
};

/** Freezes the agent's process: its pod stays Running, its socket takes connections, nothing is answered. */
export async function freezeAgent(bed: Bed, node: string): Promise<() => Promise<string>> {
  await bed.node(node, 'pkill', '-STOP', '-x', 'cilium-agent');
  return () => bed.node(node, 'pkill', '-CONT', '-x', 'cilium-agent');
}

/**
 * Waits until every endpoint is called ready, five minutes at most. Where it could not write a Service's slices, the
 * controller tries again later and later; KPR5014 is right until then.
 */
export async function untilEndpointsReady(bed: Bed): Promise<void> {
  const until = performance.now() + 300_000;
  const ready = '-o=jsonpath={.items[*].endpoints[*].conditions.ready}';
  const areReady = async (): Promise<boolean> =>
    bed.kubectl('get', 'endpointslices', '-A', ready).then(
      (words) => !words.includes('false'),
      // The API server may not answer yet.
      () => false,
    );
  while (!(await areReady()) && performance.now() < until) await new Promise((resolve) => setTimeout(resolve, 1000));
}

/** Waits until the pods of a Deployment are those of its newest template. */
export const rollOut = (bed: Bed, deployment: string): Promise<string> =>
  bed.kubectl('rollout', 'status', 'deployment', deployment, '--timeout=120s');

export const restartAgents = async (bed: Bed): Promise<void> => {
  await bed.kubectl('-n', 'kube-system', 'rollout', 'restart', 'daemonset/cilium');
  await bed.kubectl('-n', 'kube-system', 'rollout', 'status', 'daemonset/cilium', '--timeout=180s');
};

/** Sets keys of cilium-config, and takes away those that are null; agents notice nothing until they start again. */
export function setConfig(bed: Bed, data: Readonly<Record<string, string | null>>): Promise<string> {
  const patch = JSON.stringify({ data });
  return bed.kubectl('-n', 'kube-system', 'patch', 'configmap', 'cilium-config', '--type=merge', '-p', patch);
}

/** So many rows fit into a map of load balancing, on all nodes; the agents start anew. */
export async function setMapMax(bed: Bed, entries: number): Promise<void> {
  await setConfig(bed, { 'bpf-lb-map-max': String(entries) });
  await restartAgents(bed);
}

/** Sets the API server's address in the agents' environment, and waits until the agents run with it (or try to). */
export async function setApiServer(bed: Bed, host: string, port: number): Promise<() => Promise<void>> {
  const get = async (name: string): Promise<string> =>
    bed.kubectl(
      '-n',
      'kube-system',
      'get',
      'daemonset',
      'cilium',
      '-o',
      `jsonpath={.spec.template.spec.containers[0].env[?(@.name=="${name}")].value}`,
    );
  const set = async (host: string, port: string): Promise<string> =>
    bed.kubectl(
      '-n',
      'kube-system',
      'set',
      'env',
      'daemonset/cilium',
      '-c',
      'cilium-agent',
      `KUBERNETES_SERVICE_HOST=${host}`,
      `KUBERNETES_SERVICE_PORT=${port}`,
    );
  const before = [await get('KUBERNETES_SERVICE_HOST'), await get('KUBERNETES_SERVICE_PORT')] as const;
  await set(host, String(port));
  return async () => {
    await set(...before);
    await bed.kubectl('-n', 'kube-system', 'rollout', 'status', 'daemonset/cilium', '--timeout=180s');
  };
}
