import { defineFault } from '../lib/Fault.ts';

const service = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'balanced', namespace: 'default' },
  spec: {
    type: 'LoadBalancer',
    externalTrafficPolicy: 'Local',
    healthCheckNodePort: 31_999,
    selector: { app: 'httpd' },
    ports: [{ port: 80, protocol: 'TCP' }],
  },
};
const listener = 'IO::Socket::INET->new(Listen => 1, LocalPort => 31999, ReuseAddr => 1)';

export default defineFault({
  id: 'health-check-port-taken',
  title: 'a process of n1 has the port at which the agent is to answer for a Service’s load balancer',
  expect: [{ code: 'KPR1011', nodes: ['n1'], object: 'default/balanced' }],
  remedy: { not: 'whose process has the port, and whether it may end, a person decides' },
  showsAfter: 5,
  cleanWithin: 120,
  inject: async (bed) => {
    const script = `setsid perl -MIO::Socket::INET -e '$s = ${listener} or die; sleep 3600' >/dev/null 2>&1 &`;
    await bed.node('n1', 'bash', '-c', `${script} until : 2>/dev/null </dev/tcp/127.0.0.1/31999; do sleep 0.1; done`);
    await bed.apply(JSON.stringify(service));
    return async () => {
      await bed.kubectl('delete', 'service', 'balanced');
      await bed.node('n1', 'pkill', '-f', 'LocalPort => 31999');
    };
  },
});
