import { apiEndpointIncidents } from './apiEndpoint.ts';
import { balancerIncidents } from './balancers.ts';
import { configurationIncidents } from './configuration.ts';
import { deviceIncidents } from './devices.ts';
import { dnsIncidents } from './dns.ts';
import { endpointIncidents } from './endpoints.ts';
import { hostIncidents } from './host.ts';
import type { Incident } from './Incident.ts';
import { kubeProxyIncidents } from './kubeProxy.ts';
import { portIncidents } from './ports.ts';
import { serviceIncidents } from './services.ts';
import { socketLbIncidents } from './socketLb.ts';
import { tableIncidents } from './tables.ts';

/** By the file that holds them. */
export const incidentFiles: Readonly<Record<string, readonly Incident[]>> = {
  'kubeProxy.ts': kubeProxyIncidents,
  'apiEndpoint.ts': apiEndpointIncidents,
  'configuration.ts': configurationIncidents,
  'devices.ts': deviceIncidents,
  'socketLb.ts': socketLbIncidents,
  'tables.ts': tableIncidents,
  'ports.ts': portIncidents,
  'endpoints.ts': endpointIncidents,
  'services.ts': serviceIncidents,
  'balancers.ts': balancerIncidents,
  'dns.ts': dnsIncidents,
  'host.ts': hostIncidents,
};

export const incidents: readonly Incident[] = Object.values(incidentFiles).flat();
