import { type Args, stringOf } from './args.ts';
import type { ColorFlag } from '../terminal/streamStyle.ts';

export const colorOf = (args: Args): ColorFlag => {
  const given = stringOf(args, 'color');
  return given === 'always' || given === 'never' ? given : 'auto';
};
