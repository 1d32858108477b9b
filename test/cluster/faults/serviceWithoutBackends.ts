import { defineFault } from '../lib/Fault.ts';

export default defineFault({
  id: 'service-without-backends',
  title: 'a Service that selects no pod: the application’s fault, said as a note',
  expect: [{ code: 'KPR5011', object: 'default/nobody' }],
  exitCode: 0,
  remedy: { not: 'a note: whether the Service is to have pods, its owner knows' },
  inject: async (bed) => {
    await bed.kubectl('create', 'service', 'clusterip', 'nobody', '--tcp=80:80');
    return () => bed.kubectl('delete', 'service', 'nobody');
  },
});
