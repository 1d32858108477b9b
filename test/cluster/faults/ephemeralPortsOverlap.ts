import { defineFault } from '../lib/Fault.ts';

const ranges = ['net.ipv4.ip_local_port_range', 'net.ipv4.ip_local_reserved_ports'] as const;

export default defineFault({
  id: 'ephemeral-ports-overlap',
  title: 'n1 takes ephemeral ports from the range of NodePorts, and reserves none',
  expect: [{ code: 'KPR5001', nodes: ['n1'] }],
  exitCode: 0,
  remedy: 'executed',
  tidy: (bed) => bed.node('n1', 'sysctl', '-w', `${ranges[0]}=32768 60999`),
  inject: async (bed) => {
    const before = (await Promise.all(ranges.map((key) => bed.node('n1', 'sysctl', '-n', key)))).map((one) =>
      one.trim(),
    );
    const set = async (values: readonly string[]): Promise<void> => {
      for (const [i, key] of ranges.entries()) await bed.node('n1', 'sysctl', '-w', `${key}=${values[i] ?? ''}`);
    };
    await set(['30000 60999', '']);
    return () => set(before);
  },
});
