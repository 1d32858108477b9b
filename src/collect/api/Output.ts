export interface Output {
  /** Keeps what still has room; false: that was more. Throws what `onStdout` throws. */
  take(stream: 'stdout' | 'stderr', data: Uint8Array): boolean;
  /** What was kept. Decoded as a whole, since a character may come in two pieces. */
  text(): { readonly stdout: string; readonly stderr: string };
}

/** The bounded output of a command; `maxBytes` is for both streams together, `extraStderr` for stderr on top. */
export const createOutput = (
  maxBytes: number,
  onStdout: ((chunk: Uint8Array) => void) | undefined,
  extraStderr = 0,
): Output => {
  const kept: Record<'stdout' | 'stderr', Uint8Array[]> = { stdout: [], stderr: [] };
  let size = 0;
  return {
    take(stream, data) {
      const room = Math.max(0, maxBytes + (stream === 'stderr' ? extraStderr : 0) - size);
      const piece = data.length > room ? data.subarray(0, room) : data;
      size += piece.length;
      if (piece.length > 0) {
        kept[stream].push(piece);
        if (stream === 'stdout') onStdout?.(piece);
      }
      return data.length <= room;
    },
    text: () => ({
      stdout: Buffer.concat(kept.stdout).toString('utf8'),
      stderr: Buffer.concat(kept.stderr).toString('utf8'),
    }),
  };
};
