import { defineFault } from '../lib/Fault.ts';
import { asUser } from '../lib/asUser.ts';

export default defineFault({
  id: 'exec-forbidden',
  title: 'a user who may read everything and may not exec',
  expect: [{ code: 'KPR9001' }],
  // No node could be read.
  exitCode: 2,
  flags: ['--as', 'reader'],
  remedy: { not: 'the one who may not is not the one who can allow it' },
  inject: (bed) =>
    asUser(bed, 'reader', [
      { apiGroups: ['*'], resources: ['*'], verbs: ['list'] },
      { apiGroups: [''], resources: ['configmaps'], verbs: ['get'] },
    ]),
});
