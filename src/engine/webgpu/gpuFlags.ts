/**
 * Bit flags of the WebGPU specification, as numbers: a browser has them as globals, Node does not.
 */

export const bufferUsage = {
  mapRead: 0x0001,
  copySrc: 0x0004,
  copyDst: 0x0008,
  uniform: 0x0040,
  storage: 0x0080,
} as const;

export const mapModeRead = 0x0001;

export const shaderStageCompute = 0x4;
