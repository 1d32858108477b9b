import { defineFault } from '../lib/Fault.ts';
import { annotate } from '../lib/objects.ts';

export default defineFault({
  id: 'annotation-invalid',
  title: 'a known annotation with a value that it cannot have',
  expect: [{ code: 'KPR5005', object: 'default/httpd' }],
  inject: (bed) => annotate(bed, 'httpd', 'service.cilium.io/type', 'nodeport'),
});
