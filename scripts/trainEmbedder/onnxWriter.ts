import onnxProto, { type onnx } from 'onnx-proto';

const { AttributeProto, ModelProto, TensorProto } = onnxProto.onnx;

/** A dimension: a fixed length, or the name of one known only at run time. */
export type Dimension = number | string;
export type ElementType = 'float32' | 'int64' | 'int32';
export type Attribute = number | string | readonly number[];

const ELEMENT_TYPES: Record<ElementType, onnx.TensorProto.DataType> = {
  float32: TensorProto.DataType.FLOAT,
  int64: TensorProto.DataType.INT64,
  int32: TensorProto.DataType.INT32,
};

/** Highest operator set whose ReduceMean takes its axes as an attribute; every runtime since 2022 reads it. */
const OPSET = 17;
const IR_VERSION = 8;

function valueInfo(name: string, type: ElementType, shape: readonly Dimension[]): onnx.IValueInfoProto {
  return {
    name,
    type: {
      tensorType: {
        elemType: ELEMENT_TYPES[type],
        shape: {
          dim: shape.map((size) => (typeof size === 'number' ? { dimValue: size } : { dimParam: size })),
        },
      },
    },
  };
}

/** A whole number becomes an INT attribute, one with a fraction a FLOAT. */
function attribute(name: string, value: Attribute): onnx.IAttributeProto {
  const { AttributeType } = AttributeProto;
  if (typeof value === 'string') {
    return { name, type: AttributeType.STRING, s: new TextEncoder().encode(value) };
  }
  if (typeof value !== 'number') return { name, type: AttributeType.INTS, ints: [...value] };
  return Number.isInteger(value)
    ? { name, type: AttributeType.INT, i: value }
    : { name, type: AttributeType.FLOAT, f: value };
}

/** Builds an ONNX file node by node; nodes must be added in the order they run. */
export class OnnxWriter {
  private readonly graph: {
    readonly name: string;
    readonly node: onnx.INodeProto[];
    readonly initializer: onnx.ITensorProto[];
    readonly input: onnx.IValueInfoProto[];
    readonly output: onnx.IValueInfoProto[];
  };
  private made = 0;

  constructor(name: string) {
    this.graph = { name, node: [], initializer: [], input: [], output: [] };
  }

  input(name: string, type: ElementType, shape: readonly Dimension[]): string {
    this.graph.input.push(valueInfo(name, type, shape));
    return name;
  }

  output(name: string, type: ElementType, shape: readonly Dimension[]): void {
    this.graph.output.push(valueInfo(name, type, shape));
  }

  /** A float32 weight. Its name shows in viewers such as Netron. */
  weight(name: string, shape: readonly number[], values: Float32Array): string {
    const size = shape.reduce((product, length) => product * length, 1);
    if (values.length !== size) {
      throw new Error(`ONNX weight ${name}: ${values.length} numbers do not fill [${shape.join(', ')}].`);
    }
    this.graph.initializer.push({
      name,
      dims: [...shape],
      dataType: TensorProto.DataType.FLOAT,
      rawData: new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
    });
    return name;
  }

  /** A float32 constant without dimensions. */
  scalar(value: number): string {
    return this.weight(`constant_${this.made++}`, [], Float32Array.of(value));
  }

  /** An int64 vector, as shapes and axes are given. */
  ints(values: readonly number[]): string {
    const name = `ints_${this.made++}`;
    const data = BigInt64Array.from(values, BigInt);
    this.graph.initializer.push({
      name,
      dims: [values.length],
      dataType: TensorProto.DataType.INT64,
      rawData: new Uint8Array(data.buffer),
    });
    return name;
  }

  /** Adds a node with one output and returns the output's name (`name` where given). */
  node(
    operator: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>> = {},
    name = `${operator}_${this.made++}`,
  ): string {
    this.nodes(operator, inputs, [name], attributes);
    return name;
  }

  /** Adds a node with several outputs. */
  nodes(
    operator: string,
    inputs: readonly string[],
    outputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>> = {},
  ): void {
    this.graph.node.push({
      name: `${operator}:${outputs.join(',')}`,
      opType: operator,
      input: [...inputs],
      output: [...outputs],
      attribute: Object.entries(attributes).map(([key, value]) => attribute(key, value)),
    });
  }

  /** The file. */
  finish(producer: string): Uint8Array {
    return ModelProto.encode({
      irVersion: IR_VERSION,
      producerName: producer,
      opsetImport: [{ domain: '', version: OPSET }],
      graph: this.graph,
    }).finish();
  }
}
