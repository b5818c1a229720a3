/**
 * web-llm's errors in plain words. Its root exports only one of its error classes, and over its worker an error arrives
 * as the text `Name: message`; so errors are known by that name.
 */

const MENDS: Readonly<Record<string, string>> = {
  WebGPUNotAvailableError: 'This browser has no WebGPU, which web-llm needs. Use a browser with WebGPU.',
  WebGPUNotFoundError: 'This browser has no WebGPU, which web-llm needs. Use a browser with WebGPU.',
  ShaderF16SupportError:
    'This graphics card or browser cannot calculate in f16, which this model needs. Choose one whose name has q4f32 or q0f32.',
  FeatureSupportError:
    'This graphics card or browser lacks a feature that the model needs. Choose another model; those with q4f32 need least.',
  DeviceLostError:
    'The graphics device was lost while the model loaded, most often for want of memory. Choose a smaller model or a smaller context_window_size.',
  ModelNotFoundError: 'web-llm does not know this model_id. Choose one of its list, or give a whole record.',
  MissingModelError:
    'The record has no model_lib. Give the address of the .wasm library built for this model.',
  UnsupportedTokenizerFilesError:
    'web-llm cannot read this tokenizer. The model folder needs a tokenizer.json named in tokenizer_files.',
  ContextWindowSizeExceededError:
    'The prompt is longer than the model can read. Ask for fewer passages or raise overrides.context_window_size.',
  WindowSizeConfigurationError:
    'Only one of context_window_size and sliding_window_size may be above 0. Set the other to -1 in overrides.',
  WindowSizeSpecificationError:
    'One of context_window_size and sliding_window_size must be above 0. Set it in overrides.',
  AttentionSinkSizeError: 'A sliding window needs attention_sink_size of 0 or more. Set it in overrides.',
  CompileError:
    'What stands at model_lib is no WebAssembly library; often it is a page that says “not found”. Check that address, and delete what this browser keeps of the model.',
  WebllmWorkerError: 'Load the model again; if it fails again, reload the page.',
  IntegrityError:
    'A file of the model is not the one its record vouches for. Load it again, or correct the hash.',
};

/** What a request says when the engine has dropped its model: it does so itself once the device is lost. */
const GONE = new Set(['ModelNotLoadedError', 'WorkerEngineModelNotLoadedError', 'EngineNotLoadedError']);

/** The error of a request or load that was called off. */
export const calledOff = (what: string): DOMException =>
  new DOMException(`${what} was stopped.`, 'AbortError');

/** Name and message of whatever web-llm threw: an Error, or its text from a worker. */
export function webllmFault(thrown: unknown): { readonly name: string; readonly message: string } {
  if (thrown instanceof Error) return { name: thrown.name, message: thrown.message };
  const text = String(thrown);
  const told = /^([A-Za-z0-9]*Error): ([\s\S]*)$/.exec(text);
  return told === null
    ? { name: 'Error', message: text }
    : { name: told[1] ?? 'Error', message: told[2] ?? '' };
}

/**
 * The device was lost and the model with it. While a model loads, web-llm then aborts its own load, with the words of
 * an unload.
 */
export function isLost(thrown: unknown): boolean {
  const { name, message } = webllmFault(thrown);
  const text = /device.{0,12}(is |was )?lost|external Instance reference|Engine\.unload\(\) is called/i;
  return GONE.has(name) || name === 'DeviceLostError' || text.test(message);
}

/** @param doing what failed, such as `Loading SmolLM2` */
export function translateWebllm(thrown: unknown, doing: string): Error {
  const { name, message } = webllmFault(thrown);
  const lost = isLost(thrown);
  const words =
    MENDS[name] ??
    (lost
      ? 'The graphics device was lost and the model with it. Load the model again, or choose a smaller one.'
      : /failed to fetch|networkerror|\b(404|403|401)\b|failed to execute 'add' on 'cache'/i.test(message)
        ? 'A file of the model could not be fetched. Check the addresses in the record, the connection, and that the server allows other sites (CORS).'
        : /quota/i.test(message)
          ? 'The browser has no room left to keep the model. Free storage of this site or choose a smaller model.'
          : undefined);
  return new Error(
    `${doing} failed. ${words === undefined ? `web-llm says: ${message}` : `${words} (web-llm: ${name}: ${message})`}`,
    {
      cause: thrown,
    },
  );
}
