"""Reads docs/openapi.yaml: the part of YAML that it keeps to, and nothing else. What is not understood is an error."""
import re


def load(path):
    lines = []
    block_indent = None  # inside a `|` text
    for raw in path.read_text().split("\n"):
        indent = len(raw) - len(raw.lstrip(" "))
        if block_indent is not None and (not raw.strip() or indent > block_indent):
            continue
        block_indent = None
        if not raw.strip() or raw.lstrip().startswith("#"):
            continue
        lines.append((indent, raw.strip()))
        if raw.rstrip().endswith(": |"):
            block_indent = indent
    value, rest = block(lines, 0)
    assert rest == len(lines), lines[rest]
    return value


def block(lines, at):
    return (sequence if lines[at][1].startswith("- ") else mapping)(lines, at, lines[at][0])


def mapping(lines, at, indent):
    result = {}
    while at < len(lines) and lines[at][0] == indent and not lines[at][1].startswith("- "):
        match = re.fullmatch(r"('[^']*'|[^:{}\[\]]+|/[^:]*):(?: (.*))?", lines[at][1])
        assert match, lines[at]
        key, rest = match.group(1).strip("'"), match.group(2)
        at += 1
        if rest in (None, ""):
            assert at < len(lines) and lines[at][0] > indent - (lines[at][1].startswith("- ")), lines[at - 1]
            result[key], at = block(lines, at)
        else:
            result[key] = scalar(rest)
    return result, at


def sequence(lines, at, indent):
    result = []
    while at < len(lines) and lines[at][0] == indent and lines[at][1].startswith("- "):
        text = lines[at][1][2:]
        if re.match(r"[\w$'][\w$' -]*:( |$)", text):
            lines[at] = (indent + 2, text)
            value, at = mapping(lines, at, indent + 2)
            result.append(value)
        else:
            result.append(scalar(text))
            at += 1
    return result, at


def scalar(text):
    if text.startswith(("{", "[")):
        value, rest = flow(text)
        assert not rest.strip(), text
        return value
    return plain(text)


def plain(text):
    text = text.strip()
    if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"":
        return text[1:-1]
    if text in ("true", "false"):
        return text == "true"
    return int(text) if re.fullmatch(r"-?\d+", text) else text


def flow(text):
    closing = {"{": "}", "[": "]"}[text[0]]
    result = {} if closing == "}" else []
    text = text[1:].lstrip()
    while text[0] != closing:
        key = None
        if closing == "}":
            key, text = re.match(r"([^:]+):\s*(.*)", text, re.S).groups()
        if text[0] in "{[":
            value, text = flow(text)
        else:
            word = re.match(r"'[^']*'|\"[^\"]*\"|[^,\]}]*", text).group(0)
            value, text = plain(word), text[len(word):]
        if key is None:
            result.append(value)
        else:
            result[key.strip()] = value
        text = text.lstrip().removeprefix(",").lstrip()
    return result, text[1:]


class Operation:
    def __init__(self, document, path, method, spec):
        self.path, self.method, self.stage = path, method.upper(), spec["x-stage"]
        parameters = spec.get("parameters", [])
        self.parameters = [one["name"] for one in parameters if one["in"] == "path"]
        self.queries = [one["name"] for one in parameters if one["in"] == "query"]
        self.required_queries = [one["name"] for one in parameters if one["in"] == "query" and one.get("required")]
        content = spec["requestBody"]["content"] if "requestBody" in spec else {}
        assert content.keys() <= {"application/json", "application/octet-stream"} and len(content) <= 1, content
        self.media = next(iter(content), None)
        self.schema = resolve(document, content[self.media]["schema"]) if self.media == "application/json" else None

    def address(self, fill):
        """`fill`: what stands for each parameter."""
        return re.sub(r"\{\w+\}", lambda _: fill, self.path)

    def body(self):
        """Something of the right media type, as arguments of a request."""
        if self.media == "application/octet-stream":
            return {"raw": b"x", "fields": {"Content-Type": self.media, "Content-Range": "bytes 0-0/1"}}
        return {"body": {}} if self.media else {}

    def __str__(self):
        return f"{self.method} {self.path}"


def resolve(document, schema):
    if isinstance(schema, dict) and "$ref" in schema:
        found = document
        for part in schema["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        return resolve(document, found)
    if isinstance(schema, dict):
        return {key: resolve(document, value) for key, value in schema.items()}
    return schema


def operations(path):
    document = load(path)
    return [Operation(document, address, method, spec)
            for address, methods in document["paths"].items() for method, spec in methods.items()]
