import { defineFault } from '../lib/Fault.ts';
import { starvedFault } from '../lib/starvedFault.ts';

export default defineFault({
  ...starvedFault,
  id: 'node-starved-connect',
  title: 'n2 has as little of a CPU while connections are opened: slow, and not broken',
  flags: [...starvedFault.flags, '--connect'],
});
