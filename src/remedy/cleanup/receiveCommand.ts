import { receiveScript } from '../../programs/programs.ts';

/** What runs in a container to take a clean-up script of this many bytes by stdin, and to run it. */
export const receiveCommand = (bytes: number): readonly string[] => ['bash', '-c', receiveScript, String(bytes)];
