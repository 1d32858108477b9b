/**
 * What each command answered that was typed into `cilium-dbg shell` by a pipe: the shell repeats a command behind its
 * prompt, at 80 columns a line breaks, and lines end as on a terminal. A command that it did not repeat is not in the
 * result. Total.
 */
export function splitShell(text: string, commands: readonly string[]): ReadonlyMap<string, string> {
  const found = commands.flatMap((command) => {
    const echo = echoOf(command).exec(text);
    return echo === null ? [] : [{ command, from: echo.index, to: echo.index + echo[0].length }];
  });
  const answers = new Map<string, string>();
  for (const { command, to } of found) {
    const next = Math.min(text.length, ...found.filter(({ from }) => from >= to).map(({ from }) => from));
    // What is left at the end is the prompt for the next command.
    const answer = text.slice(to, next).replaceAll('\r\n', '\n');
    answers.set(command, answer.slice(0, answer.lastIndexOf('\n') + 1));
  }
  return answers;
}

function echoOf(command: string): RegExp {
  const letters = Array.from(command, (letter) => letter.replace(/[^\w ]/, String.raw`\$&`));
  return new RegExp(String.raw`> (?:\r\n)?${letters.join(String.raw`(?:\r\n)?`)}\r\n`);
}
