import { trimObject, trimPod, trimPodTraffic, trimWorkload } from '../trimObjects.ts';

/** One list of the API, and what is kept of its objects. */
export interface Request {
  readonly path: string;
  /** What a person types to see the same. */
  readonly shown: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly trim: (object: unknown) => unknown;
}

/** The label by which `findClusterDns` knows cluster DNS; slices get the labels of their Service. */
export const dnsSelector = 'k8s-app=kube-dns';

/** The labels that API servers give their Service and its slice (kubernetes: pkg/controlplane/controller). */
export const serversSelector = { services: 'component=apiserver', slices: 'kubernetes.io/service-name=kubernetes' };

export const allServices: Request = { path: '/api/v1/services', shown: 'get services -A -o json', trim: trimObject };
export const allEndpointSlices: Request = {
  path: '/apis/discovery.k8s.io/v1/endpointslices',
  shown: 'get endpointslices -A -o json',
  trim: trimObject,
};

export const allPods: Request = { path: '/api/v1/pods', shown: 'get pods -A -o json', trim: trimPodTraffic };

export const trafficOf = (namespace: string): Request => ({ ...podsOf(namespace), trim: trimPodTraffic });

export const podsOf = (namespace: string): Request => ({
  path: `/api/v1/namespaces/${namespace}/pods`,
  shown: `-n ${namespace} get pods -o json`,
  trim: trimPod,
});

export const deploymentsOf = (namespace: string): Request => ({
  path: `/apis/apps/v1/namespaces/${namespace}/deployments`,
  shown: `-n ${namespace} get deployments -o json`,
  trim: trimWorkload,
});
