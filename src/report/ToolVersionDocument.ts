import type { DocumentHead } from './DocumentHead.ts';

/** Which program this is. */
export interface ToolVersionDocument extends DocumentHead {
  readonly command: 'version';
  /** The version of Node.js that runs it. */
  readonly node: string;
  /** Of the executable: `linux-x64`. */
  readonly platform: string;
}
