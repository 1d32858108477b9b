import { defineFault } from '../lib/Fault.ts';
import { objects, pod } from '../lib/services.ts';

const port = 8086;
const made = objects(pod('hiding', 'n1', { ports: [{ containerPort: 80, hostPort: port }] }));
const listener = `IO::Socket::INET->new(Listen => 1, LocalAddr => "127.0.0.1", LocalPort => ${port})`;

export default defineFault({
  id: 'host-port-hides-listener',
  title: 'a process of n1 listens on loopback at the hostPort of a pod, which gets its connections',
  expect: [{ code: 'KPR5003', nodes: ['n1'], object: 'default/hiding' }],
  exitCode: 0,
  remedy: { not: 'a pod’s ports cannot be changed: its owner makes it anew' },
  inject: async (bed) => {
    const script = `setsid perl -MIO::Socket::INET -e '$s = ${listener} or die; sleep 3600' >/dev/null 2>&1 &`;
    await bed.node('n1', 'bash', '-c', script);
    await made.create(bed);
    return async () => {
      await made.remove(bed);
      await bed.node('n1', 'pkill', '-f', `LocalPort => ${port}`);
    };
  },
});
