title a skill is asked what is its own, once its owner approved it; it makes no sound on its own
given room kitchen
say kitchen "tell me a joke"
expect decision refuse
expect reason NO_ACTION
given skill
say kitchen "tell me a joke"
expect waiting
expect silence
given skill answers
expect decision act
expect reply "It goes without saying."
expect journal done
# it answers nobody twice
given skill answers
expect reply "It goes without saying."
say kitchen "can you laugh"
expect waiting
given skill SKILL_CHANGED
expect reason SKILL_CHANGED
expect journal failed
say kitchen "tell me a joke"
given skill SKILL_SUSPENDED
expect reason SKILL_SUSPENDED
# one word is too easily heard in talk
say kitchen "laugh"
expect decision refuse
expect commands 0
