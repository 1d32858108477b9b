import { defineFault } from '../lib/Fault.ts';
import { starvedFault } from '../lib/starvedFault.ts';

export default defineFault({
  ...starvedFault,
  id: 'node-starved',
  title: 'n2 has 8 % of a CPU, of which it needs five for itself: slow, and not broken',
});
