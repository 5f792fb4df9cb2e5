/**
 * The subset of Service Bus's SQL filter and action language that the broker runs, as a grammar for peggy.
 * Filters yield an expression tree; actions yield a list of assignments. No alternative reads an expression that another
 * has read before it, so parsing takes time in proportion to the text.
 */
export const sqlGrammar = String.raw`
Filter = _ e:Or _ { return e; }
Action = _ head:Statement tail:(_ ";"? _ s:Statement { return s; })* _ ";"? _ { return [head, ...tail]; }

Statement
  = "SET"i Break _ p:Property _ "=" _ v:Sum { return { op: "set", scope: p.scope, name: p.name, value: v, at: offset() }; }
  / "REMOVE"i Break _ p:Property { return { op: "remove", scope: p.scope, name: p.name, at: offset() }; }

Or = head:And tail:(_ "OR"i Break _ e:And { return e; })* { return tail.reduce((a, b) => ({ op: "or", a, b }), head); }
And = head:Not tail:(_ "AND"i Break _ e:Not { return e; })* { return tail.reduce((a, b) => ({ op: "and", a, b }), head); }
Not = "NOT"i Break _ e:Not { return { op: "not", a: e }; } / Comparison

Comparison = a:Sum test:(_ t:Test { return t; })? { return test ? test(a) : a; }
Test
  = op:("<>" / "!=" / "<=" / ">=" / "=" / "<" / ">") _ b:Sum { return (a) => ({ op: op === "!=" ? "<>" : op, a, b }); }
  / "IS"i Break _ n:Negated "NULL"i Break { return (a) => n({ op: "null", a }); }
  / n:Negated "IN"i Break _ "(" _ head:Sum tail:(_ "," _ e:Sum { return e; })* _ ")" { return (a) => n({ op: "in", a, list: [head, ...tail] }); }
  / n:Negated "LIKE"i Break _ b:Sum escape:(_ "ESCAPE"i Break _ s:String { return s.value; })? { return (a) => n({ op: "like", a, b, escape }); }
Negated = n:("NOT"i Break _)? { return (e) => (n ? { op: "not", a: e } : e); }

Sum = head:Product tail:(_ op:[+-] _ e:Product { return { op, e }; })* { return tail.reduce((a, t) => ({ op: t.op, a, b: t.e }), head); }
Product = head:Unary tail:(_ op:[*/%] _ e:Unary { return { op, e }; })* { return tail.reduce((a, t) => ({ op: t.op, a, b: t.e }), head); }
Unary = "-" _ e:Unary { return { op: "negate", a: e }; } / "+" _ e:Unary { return e; } / Primary

Primary
  = "(" _ e:Or _ ")" { return e; }
  / "EXISTS"i _ "(" _ p:Property _ ")" { return { op: "exists", name: p.name, scope: p.scope }; }
  / "TRUE"i Break { return { op: "value", value: true }; }
  / "FALSE"i Break { return { op: "value", value: false }; }
  / "NULL"i Break { return { op: "value" }; }
  / Number / String / Property

Number = digits:$([0-9]+ ("." [0-9]+)? ([eE] [+-]? [0-9]+)?) { return { op: "value", value: Number(digits) }; }
String = "'" chars:("''" { return "'"; } / [^'])* "'" { return { op: "value", value: chars.join("") }; }
Property = scope:(s:("sys"i / "user"i) "." { return s.toLowerCase(); })? name:Name { return { op: "property", scope: scope ?? "user", name }; }
Name = "[" chars:("]]" { return "]"; } / [^\]])+ "]" { return chars.join(""); } / '"' chars:[^"]+ '"' { return chars.join(""); } / !Reserved name:$([A-Za-z_@#] [A-Za-z0-9_@#$]*) { return name; }
Reserved = ("AND"i / "OR"i / "NOT"i / "IN"i / "LIKE"i / "IS"i / "NULL"i / "ESCAPE"i) Break
Break = ![A-Za-z0-9_]
_ = [ \t\r\n]*
`;
