// `node test/simulate/main.ts --nodes 1000 --services 5000 --latency-ms 50`: a simulated cluster, until SIGTERM or the
// end of its input. The first line that it prints is the path of its kubeconfig. Options: options.ts.
import { readOptionWords } from './options.ts';
import { startSimulator } from './Simulator.ts';

const simulator = await startSimulator(readOptionWords(process.argv.slice(2)));
process.stdout.write(`${simulator.kubeconfig}\n`);
const stop = (): void => {
  simulator.close();
  process.exit(0);
};
process.on('SIGTERM', stop);
process.on('SIGINT', stop);
