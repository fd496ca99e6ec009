#!/usr/bin/env python3
"""Extracts from the published ARM type schemas what the catalogue's facts are checked against.

    python3 extract.py SCHEMA_FOLDER [--check]

SCHEMA_FOLDER holds one JSON file per type (`Provider.Type.json`). The result, `published.json`
beside this script, has one line per type; the same input gives the same bytes. `--check` writes
nothing and exits 1 when the file on disk differs.

A type has `type`, `name` (of a config that is one of several), `apiVersion`, `length` (of a name:
least, most; null where the schema does not say), `paths` and `values`. `paths` has for each path
into the raw body its JSON type, followed by `required`, `read`, `write`, `sensitive` where they
hold; `[]` is any item, `*` any key. `values` has the published values of texts.
"""
import json
import os
import sys

# Types without a published schema whose body is that of another type.
LIKE = {
    "Microsoft.Network/dnsZones/NS": "Microsoft.Network/dnsZones/MX",
}

TYPES = [
    ("Microsoft.Authorization/locks", None),
    ("Microsoft.Authorization/roleAssignments", None),
    ("Microsoft.Authorization/roleDefinitions", None),
    ("Microsoft.Cache/redis", None),
    ("Microsoft.Cache/redis/accessPolicyAssignments", None),
    ("Microsoft.Cache/redis/firewallRules", None),
    ("Microsoft.Cache/redis/patchSchedules", None),
    ("Microsoft.Cache/redisEnterprise", None),
    ("Microsoft.Cache/redisEnterprise/databases", None),
    ("Microsoft.Cache/redisEnterprise/databases/accessPolicyAssignments", None),
    ("Microsoft.Communication/communicationServices", None),
    ("Microsoft.Communication/emailServices", None),
    ("Microsoft.Communication/emailServices/domains", None),
    ("Microsoft.Communication/emailServices/domains/senderUsernames", None),
    ("Microsoft.Consumption/budgets", None),
    ("Microsoft.DBforPostgreSQL/flexibleServers", None),
    ("Microsoft.DBforPostgreSQL/flexibleServers/administrators", None),
    ("Microsoft.DBforPostgreSQL/flexibleServers/configurations", None),
    ("Microsoft.DBforPostgreSQL/flexibleServers/databases", None),
    ("Microsoft.DBforPostgreSQL/flexibleServers/firewallRules", None),
    ("Microsoft.Insights/autoscaleSettings", None),
    ("Microsoft.Insights/components", None),
    ("Microsoft.KeyVault/vaults", None),
    ("Microsoft.KeyVault/vaults/secrets", None),
    ("Microsoft.ManagedIdentity/userAssignedIdentities", None),
    ("Microsoft.Network/dnsZones", None),
    ("Microsoft.Network/dnsZones/A", None),
    ("Microsoft.Network/dnsZones/CNAME", None),
    ("Microsoft.Network/dnsZones/MX", None),
    ("Microsoft.Network/dnsZones/NS", None),
    ("Microsoft.Network/dnsZones/TXT", None),
    ("Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials", None),
    ("Microsoft.OperationalInsights/workspaces", None),
    ("Microsoft.Resources/resourceGroups", None),
    ("Microsoft.Storage/storageAccounts", None),
    ("Microsoft.Storage/storageAccounts/blobServices", None),
    ("Microsoft.Storage/storageAccounts/blobServices/containers", None),
    ("Microsoft.Storage/storageAccounts/managementPolicies", None),
    ("Microsoft.Web/certificates", None),
    ("Microsoft.Web/serverfarms", None),
    ("Microsoft.Web/sites", None),
    ("Microsoft.Web/sites/config", "appsettings"),
    ("Microsoft.Web/sites/config", "connectionstrings"),
    ("Microsoft.Web/sites/config", "logs"),
    ("Microsoft.Web/sites/config", "slotConfigNames"),
    ("Microsoft.Web/sites/config", "web"),
    ("Microsoft.Web/sites/basicPublishingCredentialsPolicies", None),
    ("Microsoft.Web/sites/hostNameBindings", None),
    ("Microsoft.Web/sites/slots", None),
    ("Microsoft.Web/sites/slots/basicPublishingCredentialsPolicies", None),
    ("Microsoft.Web/sites/slots/config", "appsettings"),
    ("Microsoft.Web/sites/slots/config", "connectionstrings"),
    ("Microsoft.Web/sites/slots/config", "logs"),
    ("Microsoft.Web/sites/slots/config", "web"),
    ("Microsoft.Web/staticSites", None),
    ("Microsoft.Web/staticSites/config", "appsettings"),
    ("Microsoft.Web/staticSites/customDomains", None),
]


class Extract:
    def __init__(self, defs):
        self.defs = defs
        self.paths = {}
        self.values = {}

    def resolve(self, node, seen):
        while "$ref" in node:
            name = node["$ref"].split("/")[-1]
            if name in seen:
                return {}, seen
            seen = seen | {name}
            node = {**self.defs[name], **{k: v for k, v in node.items() if k != "$ref"}}
        return node, seen

    def walk(self, path, node, required, inherited, seen):
        node, seen = self.resolve(node, seen)
        inherited = inherited or node.get("readOnly", False)
        if path:
            words = [self.kind(path, node)]
            words += ["required"] if required else []
            words += ["read"] if inherited else []
            words += ["write"] if node.get("writeOnly") else []
            words += ["sensitive"] if node.get("x-sensitive") else []
            self.paths[path] = " ".join(words)
        for variant in node.get("oneOf", []):
            self.walk(path, variant, required, inherited, seen)
        below = node.get("properties", {})
        for name, child in below.items():
            inner = f"{path}.{name}" if path else name
            self.walk(inner, child, name in node.get("required", []), inherited, seen)
        rest = node.get("additionalProperties")
        if isinstance(rest, dict):
            self.walk(f"{path}.*", rest, False, inherited, seen)
        if "items" in node:
            self.walk(f"{path}[]", node["items"], False, inherited, seen)

    def kind(self, path, node):
        choices = node.get("anyOf", [node] if "const" in node else [])
        consts = [choice["const"] for choice in choices if isinstance(choice.get("const"), str)]
        if consts:
            self.values[path] = consts
            return "string"
        return node.get("type") or ("object" if "oneOf" in node else "any")


def extract(folder, name, variant):
    source = LIKE.get(name, name)
    with open(os.path.join(folder, source.replace("/", ".") + ".json"), encoding="utf-8") as file:
        schema = json.load(file)
    defs = schema["body"].get("$defs", {})
    body = schema["body"]
    if variant:
        body = {"$ref": schema["bodyByName"][variant]} if isinstance(
            schema["bodyByName"][variant], str) else schema["bodyByName"][variant]
    result = Extract(defs)
    result.walk("", body, False, False, frozenset())
    limits = schema["name"]
    return {
        "type": name if name in LIKE else schema["type"],
        "name": variant,
        "apiVersion": schema["apiVersion"],
        "length": [limits.get("minLength"), limits.get("maxLength")],
        "paths": result.paths,
        "values": result.values,
    }


def main(arguments):
    folder = next((a for a in arguments if not a.startswith("--")), None)
    if folder is None:
        print(__doc__, file=sys.stderr)
        return 2
    lines = [json.dumps(extract(folder, *entry), separators=(",", ":")) for entry in TYPES]
    text = "[\n" + ",\n".join(lines) + "\n]\n"
    target = os.path.join(os.path.dirname(os.path.abspath(__file__)), "published.json")
    if "--check" in arguments:
        with open(target, encoding="utf-8") as file:
            if file.read() == text:
                return 0
        print(f"{target} is not what {folder} gives: run this script without --check", file=sys.stderr)
        return 1
    with open(target, "w", encoding="utf-8") as file:
        file.write(text)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
