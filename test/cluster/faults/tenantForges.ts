import { askedByKpr, execNamespaces } from '../lib/auditLog.ts';
import { defineFault } from '../lib/Fault.ts';
import { kpr } from '../lib/kpr.ts';
import { tenantForges, tenantNamespace } from '../lib/tenant.ts';
import backendDeleted from './backendDeleted.ts';

export default defineFault({
  id: 'tenant-forges',
  title:
    'one backend deleted from the map of n2, and a tenant’s pods, DaemonSets, DNS and settings that look like Cilium’s',
  expect: backendDeleted.expect,
  remedy: { not: 'it is followed for the same fault without the tenant' },
  inject: async (bed) => {
    const remove = await tenantForges(bed);
    const mend = await backendDeleted.inject(bed);
    const { exitCode, findings } = await kpr(bed, 'verify');
    const codes = findings.map(({ code }) => code);
    if (exitCode !== 1 || !codes.includes('KPR4005'))
      throw new Error(`verify ended with ${exitCode} and found ${codes.join(', ') || 'nothing'}`);
    if (execNamespaces(askedByKpr(bed)).includes(tenantNamespace)) throw new Error('a pod of the tenant was asked');
    return async () => {
      await mend();
      await remove();
    };
  },
});
