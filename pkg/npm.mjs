/**
 * How to run npm: the one that runs this, else that of PATH. Plain JavaScript for any Node that npm itself runs on.
 * @returns {[command: string, ...args: string[]]}
 */
export function npmCommand() {
  const npm = process.env.npm_execpath;
  return npm ? [process.execPath, npm] : ['npm'];
}
