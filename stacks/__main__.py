"""Which offers a stack has. `pulumi up` runs this file; the stack's name picks the programs."""

import pulumi

import managed_application
import saas
import solution_template
import virtual_machine

PROGRAMS = {
    "sandbox": [managed_application.declare, solution_template.declare],
    "rehearsal": [managed_application.declare, solution_template.declare, saas.declare],
    "dev": [managed_application.declare, solution_template.declare],
    "staging": [managed_application.declare, solution_template.declare],
    "prod": [managed_application.declare, solution_template.declare],
    "saas": [saas.declare],
    "gateway": [virtual_machine.declare],
}

stack = pulumi.get_stack()
if stack not in PROGRAMS:
    message = f"stack {stack!r} has no program: add it to PROGRAMS in stacks/__main__.py, or use {', '.join(PROGRAMS)}"
    raise pulumi.RunError(message)
for declare in PROGRAMS[stack]:
    declare()
