/**
 * Lets other events in: resolves after what is already queued (messages, input) has been handled. A message channel
 * is used because timers are slowed down in hidden tabs and nested calls.
 */
export function breathe(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}
