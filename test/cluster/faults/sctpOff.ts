import type { Bed } from '../lib/Bed.ts';
import { defineFault } from '../lib/Fault.ts';
import { restartAgents, setConfig } from '../lib/objects.ts';
import { objects, overHttpd, service } from '../lib/services.ts';

const ports = [{ name: 'sctp', protocol: 'SCTP', port: 3868, targetPort: 3868 }];
const made = objects(service('diameter', overHttpd({ ports })));

async function tidy(bed: Bed): Promise<void> {
  await made.remove(bed);
  await setConfig(bed, { 'enable-sctp': null });
  await restartAgents(bed);
}

export default defineFault({
  id: 'sctp-off',
  title: 'an SCTP Service while the agents do not look at SCTP',
  expect: [{ code: 'KPR5007', object: 'default/diameter' }],
  cleanWithin: 180,
  remedy: 'executed',
  tidy,
  inject: made.create,
});
