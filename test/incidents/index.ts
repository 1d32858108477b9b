import { apiEndpointIncidents } from './apiEndpoint.ts';
import type { Incident } from './Incident.ts';
import { kubeProxyIncidents } from './kubeProxy.ts';

/** By the file that holds them. */
export const incidentFiles: Readonly<Record<string, readonly Incident[]>> = {
  'kubeProxy.ts': kubeProxyIncidents,
  'apiEndpoint.ts': apiEndpointIncidents,
};

export const incidents: readonly Incident[] = Object.values(incidentFiles).flat();
