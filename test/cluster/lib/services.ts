import type { Bed } from './Bed.ts';
import type { Decisions } from './followRemedy.ts';

type Fields = Readonly<Record<string, unknown>>;

type Made = Fields & { readonly kind: string; readonly metadata: Fields & { readonly name: string } };

/** A Service of the namespace default. */
export const service = (name: string, spec: Fields, metadata: Fields = {}): Made => ({
  apiVersion: 'v1',
  kind: 'Service',
  spec,
  metadata: { name, namespace: 'default', ...metadata },
});

/** The example's pods, one port. */
export const overHttpd = (fields: Fields = {}): Fields => ({
  selector: { app: 'httpd' },
  ports: [{ name: 'http', port: 80, targetPort: 80 }],
  ...fields,
});

export interface SliceOptions {
  readonly name: string;
  readonly ports: readonly Fields[];
  /** Whose endpoints they are, by the label; undefined: it lacks the label. */
  readonly of?: string;
  readonly endpoints?: readonly Fields[];
}

/** An EndpointSlice that a person wrote; its endpoint is ready, and nobody answers there. */
export const slice = ({ name, of, ports, endpoints }: SliceOptions): Made => ({
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  addressType: 'IPv4',
  ports,
  endpoints: endpoints ?? [{ addresses: ['198.51.100.7'], conditions: { ready: true } }],
  metadata: {
    name,
    namespace: 'default',
    ...(of === undefined ? {} : { labels: { 'kubernetes.io/service-name': of } }),
  },
});

/** A pod of the example's image. */
export const pod = (name: string, node: string, container: Fields = {}): Made => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default', labels: { app: name } },
  spec: {
    nodeName: node,
    terminationGracePeriodSeconds: 1,
    containers: [{ name, image: 'docker.io/library/httpd:2.4', imagePullPolicy: 'Never', ...container }],
  },
});

/** What is made for a fault, as a whole, and taken away as a whole. */
export interface Objects {
  /** Gives the repair. Pods run by then. */
  readonly create: (bed: Bed) => Promise<() => Promise<void>>;
  readonly remove: (bed: Bed) => Promise<void>;
}

export function objects(...made: readonly Made[]): Objects {
  const pods = made.filter(({ kind }) => kind === 'Pod').map(({ metadata }) => `pod/${metadata.name}`);
  const remove = async (bed: Bed): Promise<void> => {
    const names = made.map(({ kind, metadata }) => `${kind.toLowerCase()}/${metadata.name}`);
    await bed.kubectl('delete', '--ignore-not-found', ...names);
  };
  return {
    async create(bed) {
      await bed.apply(JSON.stringify({ apiVersion: 'v1', kind: 'List', items: made }));
      if (pods.length > 0)
        await bed.kubectl('wait', '--for=jsonpath={.status.phase}=Running', ...pods, '--timeout=60s');
      return () => remove(bed);
    },
    remove,
  };
}

/** For which nobody here gives addresses: neither a cloud nor Cilium. */
export const balanced = (fields: Fields = {}): Fields => ({
  type: 'LoadBalancer',
  loadBalancerClass: 'example.org/balancer',
  ...fields,
});

/** As the controller of a load balancer writes it. */
export const giveAddress = (bed: Bed, name: string, ip: string): Promise<string> =>
  bed.kubectl(
    'patch',
    'service',
    name,
    '--subresource=status',
    '--type=merge',
    '-p',
    JSON.stringify({ status: { loadBalancer: { ingress: [{ ip }] } } }),
  );

/** What a person writes into a Service where the remedy opens it in an editor. */
export const edited = (name: string, patch: Fields): Decisions => ({
  [`kubectl -n default edit service ${name}`]: `kubectl -n default patch service ${name} --type merge -p '${JSON.stringify(patch)}'`,
});
